import pytest

from patients.fhir.definitions import definition
from patients.fhir.invariants import INVARIANTS
from patients.fhir.invariants.data_types import is_in_order
from tests import published
from tests.patients.fhir import broken_content
from tests.patients.fhir.resources import UNKNOWN

UCUM = "http://unitsofmeasure.org"
DISPLAY = {"linkId": "1", "type": "display"}

# The path, the key, a value that keeps the rule, and one that breaks it.
RULES = [
    ("Age", "age-1", {"value": 3, "code": "a", "system": UCUM}, {"value": 0, "code": "a", "system": UCUM}),
    ("Appointment", "app-2", {"start": "2020", "end": "2021"}, {"start": "2020"}),
    ("Appointment", "app-3", {"status": "waitlist"}, {"status": "booked"}),
    ("Appointment", "app-4", {"status": "noshow", "cancelationReason": {}}, {"cancelationReason": {}}),
    ("Appointment.participant", "app-1", {"actor": {}}, {"status": "accepted"}),
    ("AppointmentResponse", "apr-1", {"participantType": []}, {"comment": "x"}),
    ("AuditEvent.entity", "sev-1", {"name": "x"}, {"name": "x", "query": "eA=="}),
    (
        "Bundle",
        "bdl-9",
        {"type": "document", "identifier": {"system": "x", "_value": UNKNOWN}},
        {"type": "document"},
    ),
    ("Bundle", "bdl-10", {"type": "document", "timestamp": "x"}, {"type": "document"}),
    ("CarePlan.activity", "cpl-3", {"detail": {}}, {"detail": {}, "reference": {}}),
    (
        "CodeSystem",
        "csd-1",
        {"concept": [{"code": "a"}, {"code": "A"}]},
        {"concept": [{"code": "a", "concept": [{"code": "a"}]}]},
    ),
    ("Composition.section", "cmp-1", {"text": {}}, {"title": "x"}),
    ("Composition.section", "cmp-2", {"emptyReason": {}}, {"emptyReason": {}, "entry": []}),
    ("ConceptMap.group.unmapped", "cmd-2", {"mode": "fixed", "code": "x"}, {"mode": "fixed"}),
    ("ConceptMap.group.unmapped", "cmd-3", {"mode": "other-map", "url": "x"}, {"mode": "other-map"}),
    ("Condition.evidence", "con-2", {"detail": []}, {"id": "x"}),
    ("Condition.stage", "con-1", {"summary": {}}, {"type": {}}),
    ("Consent", "ppc-1", {"policyRule": {}}, {"status": "active"}),
    ("Count", "cnt-3", {"value": 2, "code": "1", "system": UCUM}, {"value": 2, "code": "2", "system": UCUM}),
    (
        "CoverageEligibilityResponse.insurance.item",
        "ces-1",
        {"category": {}},
        {"category": {}, "productOrService": {}},
    ),
    ("DataRequirement.codeFilter", "drq-1", {"path": "x"}, {"code": []}),
    ("DataRequirement.dateFilter", "drq-2", {"searchParam": "x"}, {"path": "x", "searchParam": "x"}),
    ("Distance", "dis-1", {"value": 1, "code": "m", "system": UCUM}, {"value": 1}),
    ("Duration", "drt-1", {"value": 1}, {"code": "h", "system": UCUM}),
    ("ElementDefinition", "eld-2", {"min": 1, "max": "*"}, {"min": 2, "max": "1"}),
    ("ElementDefinition", "eld-8", {"fixedCode": "x"}, {"fixedCode": "x", "patternCode": "x"}),
    ("Expression", "exp-1", {"reference": "x"}, {"language": "text/cql"}),
    ("FamilyMemberHistory", "fhs-1", {"ageString": "x"}, {"ageString": "x", "bornString": "y"}),
    ("FamilyMemberHistory", "fhs-2", {"ageString": "x", "estimatedAge": True}, {"estimatedAge": True}),
    ("Goal.target", "gol-1", {"measure": {}, "detailString": "x"}, {"detailString": "x"}),
    ("Group", "grp-1", {"actual": True, "member": []}, {"actual": False, "member": []}),
    ("Immunization.education", "imm-1", {"reference": "x"}, {"presentationDate": "2020"}),
    ("ImmunizationRecommendation.recommendation", "imr-1", {"targetDisease": {}}, {"series": "x"}),
    ("InsurancePlan", "ipn-1", {"name": "x"}, {"status": "active"}),
    ("Linkage", "lnk-1", {"item": [{}, {}]}, {"item": [{}]}),
    ("List", "lst-1", {"emptyReason": {}}, {"emptyReason": {}, "entry": []}),
    (
        "List",
        "lst-2",
        {"mode": "changes", "entry": [{"deleted": True}]},
        {"mode": "working", "entry": [{"deleted": True}]},
    ),
    (
        "List",
        "lst-3",
        {"mode": "working", "entry": [{"date": "2020"}]},
        {"mode": "changes", "entry": [{"date": "2020"}]},
    ),
    ("MedicationAdministration.dosage", "mad-1", {"rateRatio": {}}, {"text": "x"}),
    (
        "MedicationDispense",
        "mdd-1",
        {"whenPrepared": "2020-01-02"},
        {"whenPrepared": "2020-01-02", "whenHandedOver": "2020-01-01"},
    ),
    ("Organization", "org-3", {"telecom": [{"use": "work"}]}, {"telecom": [{"use": "home"}]}),
    (
        "Parameters.parameter",
        "inv-1",
        {"name": "x", "valueString": "x"},
        {"name": "x", "valueString": "x", "part": []},
    ),
    (
        "Questionnaire",
        "que-2",
        {"item": [{"linkId": "1"}]},
        {"item": [{"linkId": "1", "item": [{"linkId": "1"}]}]},
    ),
    ("Questionnaire.item", "que-1", {"type": "group", "item": []}, {"type": "group"}),
    ("Questionnaire.item", "que-1", DISPLAY, DISPLAY | {"item": []}),
    ("Questionnaire.item", "que-3", DISPLAY, DISPLAY | {"code": []}),
    ("Questionnaire.item", "que-4", {"answerOption": []}, {"answerOption": [], "answerValueSet": "x"}),
    (
        "Questionnaire.item",
        "que-5",
        {"type": "choice", "answerOption": []},
        {"type": "boolean", "answerOption": []},
    ),
    ("Questionnaire.item", "que-6", DISPLAY, DISPLAY | {"repeats": True}),
    ("Questionnaire.item", "que-6", DISPLAY, DISPLAY | {"required": True}),
    ("Questionnaire.item", "que-8", {"type": "date", "initial": []}, {"type": "group", "initial": []}),
    ("Questionnaire.item", "que-9", DISPLAY, DISPLAY | {"readOnly": True}),
    ("Questionnaire.item", "que-10", {"type": "text", "maxLength": 9}, {"type": "date", "maxLength": 9}),
    ("Questionnaire.item", "que-11", {"initial": []}, {"initial": [], "answerOption": []}),
    (
        "Questionnaire.item.enableWhen",
        "que-7",
        {"operator": "exists", "answerBoolean": True},
        {"operator": "exists", "answerDate": "2020"},
    ),
    ("QuestionnaireResponse.item", "qrs-1", {"answer": []}, {"answer": [], "item": []}),
    ("RequestGroup.action", "rqg-1", {"action": []}, {"title": "x"}),
    ("RiskAssessment.prediction", "ras-2", {"probabilityDecimal": 100}, {"probabilityDecimal": 101}),
    ("ServiceRequest", "prr-1", {"code": {}, "orderDetail": []}, {"orderDetail": []}),
    ("Timing.repeat", "tim-2", {"period": 1, "periodUnit": "d"}, {"period": 1}),
    ("Timing.repeat", "tim-4", {"duration": 0}, {"duration": -1}),
    ("Timing.repeat", "tim-6", {"period": 1, "periodMax": 2}, {"periodMax": 2}),
    ("Timing.repeat", "tim-7", {"duration": 1, "durationMax": 2}, {"durationMax": 2}),
    ("Timing.repeat", "tim-8", {"count": 1, "countMax": 2}, {"countMax": 2}),
    ("Timing.repeat", "tim-9", {"offset": 5, "when": ["PCM"]}, {"offset": 5, "when": ["PCM", "C"]}),
    ("Timing.repeat", "tim-10", {"when": ["HS"]}, {"when": ["HS"], "timeOfDay": ["10:00:00"]}),
    ("TriggerDefinition", "trd-1", {"data": []}, {"data": [], "timingDate": "2020"}),
    ("TriggerDefinition", "trd-2", {"data": [], "condition": {}}, {"condition": {}}),
    ("ValueSet.compose.include", "vsd-1", {"system": "x"}, {"version": "1"}),
    ("ValueSet.compose.include", "vsd-2", {"system": "x", "concept": []}, {"valueSet": [], "concept": []}),
    ("ValueSet.compose.include", "vsd-2", {"system": "x", "filter": []}, {"valueSet": [], "filter": []}),
    ("ValueSet.compose.include", "vsd-3", {"filter": []}, {"filter": [], "concept": []}),
]


class TestInvariants:
    @pytest.mark.parametrize(("path", "key", "kept", "broken"), RULES, ids=[f"{row[1]}" for row in RULES])
    def test_hold_or_not(self, path, key, kept, broken):
        rules = [invariant for invariant in INVARIANTS[path] if invariant.key == key]

        assert all(invariant.holds(kept) for invariant in rules)
        assert not all(invariant.holds(broken) for invariant in rules)

    def test_are_all_tested(self):
        keys = {invariant.key for invariants in INVARIANTS.values() for invariant in invariants}
        tested = {key for _, key, _, _ in RULES} | {row[0].split()[0] for row in broken_content.INVARIANTS}

        assert keys == tested

    def test_are_about_elements_that_there_are(self):
        for path, invariants in INVARIANTS.items():
            elements = definition(path).elements
            assert [it.element for it in invariants if it.element and it.element not in elements] == []

    @published.needs_published_data
    def test_are_those_that_hl7_states_for_the_path(self):
        stated = {
            (element["path"], constraint["key"])
            for name in ("profiles-types", "profiles-resources")
            for entry in published.definition(name)["entry"]
            for element in entry["resource"].get("snapshot", {}).get("element", [])
            for constraint in element.get("constraint", [])
        }
        ours = {
            (f"{path}.{invariant.element}" if invariant.element else path, path, invariant.key)
            for path, invariants in INVARIANTS.items()
            for invariant in invariants
        }

        assert [(path, key) for at, path, key in ours if not {(at, key), (path, key)} & stated] == []


class TestIsInOrder:
    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            ("2020-01-01", "2020-01-01", True),
            ("2020-01-02", "2020-01-01", False),
            ("2020-05", "2020", True),
            ("2020", "2020-05-01", True),
            ("2021", "2020-12-31", False),
            ("2020-06", "2020-05-31", False),
            ("2020-01-01T10:00:00Z", "2020-01-01T11:00:00+02:00", False),
            ("2020-01-01T10:00:00+02:00", "2020-01-01T09:00:00Z", True),
            ("2020-01-01T23:30:00-05:00", "2020-01-01", True),
            ("2020-01-02T00:30:00+14:00", "2020-01-01", True),
            ("2020-02-01T10:00:00Z", "2020-01-01", False),
            ("2020-01-01T10:00:00.12345678901234Z", "2020-01-01T10:00:00.2Z", True),
            ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-12:00", True),
            (None, "2020", True),
        ],
    )
    def test_compares_as_far_as_both_are_known(self, start, end, expected):
        assert is_in_order(start, end) is expected
