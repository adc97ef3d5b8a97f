"""What others have published is accepted, but for examples that break a rule of R4 themselves."""

import json

from patients.fhir.outcomes import FhirError
from patients.fhir.resource import from_value, parse
from patients.fhir.validation import validate
from tests import published

EMPTY_NARRATIVE = "its narrative has no text (txt-2)"

REFUSED_EXAMPLES = {
    ("ActivityDefinition", "blood-tubes-supply"): ("ActivityDefinition.text.div", EMPTY_NARRATIVE),
    ("ActivityDefinition", "heart-valve-replacement"): ("ActivityDefinition.text.div", EMPTY_NARRATIVE),
    ("DeviceMetric", "example"): (
        "DeviceMetric.parent",
        "it refers to a DeviceDefinition, where R4 allows a Device only",
    ),
    ("DeviceUseStatement", "example"): (
        "DeviceUseStatement.reasonReference[0]",
        "it refers to a Procedure, where R4 allows a Condition, Observation, DiagnosticReport and the like",
    ),
    ("EventDefinition", "example"): ("EventDefinition.text.div", EMPTY_NARRATIVE),
    ("MedicationRequest", "medrx0301"): (
        "MedicationRequest.dispenseRequest.performer",
        "it refers to a Practitioner, where R4 allows an Organization only",
    ),
    ("Observation", "clinical-gender"): (
        "Observation.performer[0]",
        "it refers to an Encounter, where R4 allows people and organizations",
    ),
    ("Observation", "decimal"): (
        "Observation.component[5].valueQuantity.value",
        "it has numbers with exponents of ±245, and R4 lets a server set limits: ours are ±64",
    ),
    ("Questionnaire", "qs1"): (
        "Questionnaire.item[0].item[0].linkId",
        "it has items without linkId, which R4 requires",
    ),
    ("Questionnaire", "zika-virus-exposure-assessment"): ("Questionnaire.text.div", EMPTY_NARRATIVE),
}


@published.needs_published_data
class TestPublishedResources:
    def test_of_hl7_are_accepted_unless_they_break_a_rule(self):
        texts = published.hl7_example_texts()
        refused = {_name(text): element for text in texts if (element := _refused_element(text))}

        assert len(texts) == 730
        assert refused == {name: element for name, (element, _) in REFUSED_EXAMPLES.items()}

    def test_of_synthea_are_all_accepted(self):
        count = 0
        for text in published.synthea_texts():
            for entry in parse(text).value["entry"]:
                validate(from_value(entry["resource"]))
                count += 1

        assert count == 27_860

    def test_of_synthea_are_accepted_as_bundles(self):
        validate(parse(next(published.synthea_texts())))


def _name(text):
    value = json.loads(text)
    return value["resourceType"], value["id"]


def _refused_element(text):
    try:
        validate(parse(text))
    except FhirError as error:
        return error.issues[0].expression[0]
    return None
