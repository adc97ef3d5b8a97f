"""What can go wrong with the embedded servers that a person can mend."""


class EmbeddedError(Exception):
    """A sentence for whoever started us; shown without a traceback."""
