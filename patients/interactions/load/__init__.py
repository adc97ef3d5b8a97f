"""load: many resources from files, as an operator does. https://hl7.org/fhir/R4/http.html#transaction

sources, reading     which files there are, and what is in them
entries              bundles and lines taken apart
resolving            names become ids, and each resource is validated
storing, ledger      one transaction for each bundle or some hundred lines, noted as loaded in it
loading              the run over all of it
"""

from patients.interactions.load.loading import DEFAULT_MAX_BYTES, Loader
from patients.interactions.load.outcome import Observer, Refusal, Summary

__all__ = ["DEFAULT_MAX_BYTES", "Loader", "Observer", "Refusal", "Summary"]
