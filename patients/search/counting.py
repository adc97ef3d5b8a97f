"""Totals are exact, counted in a time box, or refused as too costly: never estimated."""

# How long a count may take, in milliseconds.
MOST_OF_A_COUNT = 2_000
