"""The rules that R4 states beside the structure (https://hl7.org/fhir/R4/conformance-rules.html#constraints).

A table of small functions, by the path that the specification states the rule for. They are asked only about
values whose structure is right. What is not here: rules about StructureDefinitions, TestScripts and other
resources that describe software rather than patients.
"""

from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.invariants.bundle import BUNDLE
from patients.fhir.invariants.clinical import CLINICAL
from patients.fhir.invariants.data_types import DATA_TYPES
from patients.fhir.invariants.definitional import DEFINITIONAL
from patients.fhir.invariants.domain_resource import DOMAIN_RESOURCE, WITHOUT_CONTAINED
from patients.fhir.invariants.rule import Invariant

__all__ = ["INVARIANTS", "Invariant"]

_OF_ALL = dict.fromkeys(RESOURCE_TYPES - WITHOUT_CONTAINED, DOMAIN_RESOURCE)
_OF_TYPES = DATA_TYPES | CLINICAL | DEFINITIONAL | BUNDLE

INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    path: _OF_ALL.get(path, ()) + _OF_TYPES.get(path, ()) for path in _OF_ALL.keys() | _OF_TYPES.keys()
}
