"""What is run: PostgreSQL primary and standby, the cache, and the application's own processes."""
