"""The instance's folder: what is kept there, whose it is, and the servers' programs."""
