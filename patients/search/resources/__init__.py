"""Search of resources of any type, in the rows that every write keeps."""

from patients.search.resources.engine import find, matching_ids
from patients.search.resources.rows import ResourcePage, ResourceRow

__all__ = ["ResourcePage", "ResourceRow", "find", "matching_ids"]
