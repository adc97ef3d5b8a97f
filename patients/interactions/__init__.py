"""FHIR's interactions: the only door to records. https://hl7.org/fhir/R4/http.html

Whoever comes in (API, pages, admin, commands) names an `actor`; each interaction authorises it, does its
work and leaves an audit row (`door.py`), or raises a `FhirError`.
"""

from patients.interactions.batch import batch
from patients.interactions.compartment import compartment
from patients.interactions.conditional import (
    conditional_create,
    conditional_delete,
    conditional_patch,
    conditional_update,
)
from patients.interactions.create import create
from patients.interactions.delete import delete
from patients.interactions.everything import Whole, everything
from patients.interactions.everything import whole as everything_whole
from patients.interactions.history import history
from patients.interactions.patch import patch
from patients.interactions.read import read
from patients.interactions.results import HistoryPage, SearchPage, StoredResource, SummaryPage, Written
from patients.interactions.search import read_summary, search, search_summaries
from patients.interactions.transaction import transaction
from patients.interactions.update import update
from patients.interactions.validate import validate
from patients.interactions.vread import vread

__all__ = [
    "HistoryPage",
    "SearchPage",
    "StoredResource",
    "SummaryPage",
    "Whole",
    "Written",
    "batch",
    "compartment",
    "conditional_create",
    "conditional_delete",
    "conditional_patch",
    "conditional_update",
    "create",
    "delete",
    "everything",
    "everything_whole",
    "history",
    "patch",
    "read",
    "read_summary",
    "search",
    "search_summaries",
    "transaction",
    "update",
    "validate",
    "vread",
]
