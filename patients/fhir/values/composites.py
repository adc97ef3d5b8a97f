"""Composites as search sees them: values that must be met together by one element, joined by `$`.

Specification: https://hl7.org/fhir/R4/search.html#combining
"""

from __future__ import annotations

from dataclasses import dataclass

from patients.fhir.values.dates import DateValue
from patients.fhir.values.numbers import NumberValue
from patients.fhir.values.quantities import QuantityValue
from patients.fhir.values.references import ReferenceValue
from patients.fhir.values.strings import StringValue
from patients.fhir.values.tokens import TokenValue
from patients.fhir.values.uris import UriValue

Component = DateValue | NumberValue | QuantityValue | ReferenceValue | StringValue | TokenValue | UriValue


@dataclass(frozen=True, slots=True)
class CompositeValue:
    """The values to search for together, one for each component of the parameter, in its order."""

    components: tuple[Component, ...]
