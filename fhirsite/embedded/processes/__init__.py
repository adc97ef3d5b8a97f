"""One process of the site: how it is started, as whom, what it says, and that it ends with its parent."""
