"""What HL7 defines, compiled from its own files (see SOURCES.md) and packaged beside this module."""

from importlib import resources

RESOURCE_TYPES: frozenset[str] = frozenset(
    resources.files(__name__).joinpath("resource_types.txt").read_text().split()
)
