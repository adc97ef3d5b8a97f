"""Records made up for measurements: what `manage.py generate_observations` writes, by COPY.

Everything follows from the seed but the times of the last update, which are those of the clock.
"""
