"""The pages on which people log in, log out, and look after their log-in."""
