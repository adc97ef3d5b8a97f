"""Timings of named queries over values drawn from all the data, told as tables and as JSON.

Nothing here knows what is asked: a work set gives cases (`cases.Case`), `running.run` measures them.
"""
