"""Search: a SearchRequest becomes one SQL statement (and, for strings, a count before it)."""
