"""People: how they log in, how long that holds, and what proves who they are."""
