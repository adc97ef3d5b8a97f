"""The packaged table of search parameters is what HL7's definitions give."""

import gzip
import json

import pytest

from patients.fhir import definitions
from patients.fhir.definitions import build_search_parameters
from patients.fhir.definitions.search_expressions import selections
from tests import published


@published.needs_published_data
class TestTable:
    def test_is_what_the_definitions_give(self):
        built = build_search_parameters.compile_table(published.DEFINITIONS)

        assert json.loads(json.dumps(built)) == definitions.search_parameter_table()

    def test_has_every_parameter_of_every_type_but_two(self):
        table = definitions.search_parameter_table()
        source = (published.DEFINITIONS / "search-parameters.json.gz").read_bytes()

        left_out = set()
        for entry in json.loads(gzip.decompress(source))["entry"]:
            url, code = entry["resource"]["url"], entry["resource"]["code"]
            for base in set(entry["resource"]["base"]) - {"Resource", "DomainResource"}:
                if table[base].get(code, {}).get("url") != url:
                    left_out.add(url)
        assert left_out == {"http://hl7.org/fhir/SearchParameter/DeviceDefinition-classification"}


class TestSelections:
    @pytest.mark.parametrize(
        ("expression", "selected"),
        [
            ("Observation.status", [(["status"], "code", "")]),
            ("(Observation.value as Quantity)", [(["valueQuantity"], "Quantity", "")]),
            ("Observation.value.as(dateTime)", [(["valueDateTime"], "dateTime", "")]),
            (
                "(Observation.value as CodeableConcept).text",
                [(["valueCodeableConcept", "text"], "string", "")],
            ),
            ("Observation.subject.where(resolve() is Patient)", [(["subject"], "Reference", "Patient")]),
            ("Condition.code | Observation.code", [(["code"], "CodeableConcept", "")]),
            (
                "Observation.effective",
                [
                    (["effectiveDateTime"], "dateTime", ""),
                    (["effectivePeriod"], "Period", ""),
                    (["effectiveTiming"], "Timing", ""),
                    (["effectiveInstant"], "instant", ""),
                ],
            ),
            (
                "Observation | Observation.component",
                [([], "Observation", ""), (["component"], "Observation.component", "")],
            ),
            ("%resource.code", [(["%resource", "code"], "CodeableConcept", "")]),
            ("Condition.code", []),
        ],
    )
    def test_are_those_of_the_type(self, expression, selected):
        assert selections(expression, root="Observation", context="Observation") == selected

    @pytest.mark.parametrize(
        ("expression", "root", "selected"),
        [
            (
                "Patient.telecom.where(system='phone')",
                "Patient",
                [([["telecom", "system", "phone"]], "ContactPoint", "")],
            ),
            ("Bundle.entry[0].resource", "Bundle", [([["entry", 0], "resource"], "Resource", "")]),
            (
                "Patient.deceased.exists() and Patient.deceased != false",
                "Patient",
                [([], "Patient.deceased.exists", "")],
            ),
        ],
    )
    def test_may_have_conditions(self, expression, root, selected):
        assert selections(expression, root=root, context=root) == selected

    def test_of_a_component_begin_at_the_element_of_its_composite(self):
        assert selections("code", root="Observation", context="Observation.component") == [
            (["code"], "CodeableConcept", "")
        ]

    @pytest.mark.parametrize(
        ("expression", "message"),
        [
            ("Observation.extension('urn:x').value", "is more than a path"),
            ("Observation.subject.first()", "is more than a path"),
            ("Observation.nothing", "Observation has no element 'nothing'"),
            ("Observation.status.nothing", "code has no element 'nothing'"),
        ],
    )
    def test_are_not_guessed(self, expression, message):
        with pytest.raises(ValueError, match=message):
            selections(expression, root="Observation", context="Observation")
