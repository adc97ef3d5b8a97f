import inspect

import pytest

from patients.fhir import outcomes
from patients.fhir.definitions import definition
from patients.fhir.outcomes import FhirError, Issue, NotFound, operation_outcome

ERRORS = [
    error
    for _, error in inspect.getmembers(outcomes, inspect.isclass)
    if issubclass(error, FhirError) and error is not FhirError
]


class TestFhirError:
    @pytest.mark.parametrize("error", ERRORS)
    def test_has_a_status_an_issue_type_and_a_docstring(self, error):
        assert 400 <= error.status < 600
        assert error.code in definition("OperationOutcome.issue").elements["code"].value_set.codes
        assert error.__doc__.endswith(".")

    def test_has_one_issue_unless_told_more(self):
        error = NotFound("Patient/7 is not known.", expression=("Patient",))

        assert str(error) == "Patient/7 is not known."
        assert error.issues == (Issue("not-found", "Patient/7 is not known.", ("Patient",)),)


class TestOperationOutcome:
    def test_tells_of_each_issue(self):
        issues = [
            Issue("value", "Patient.gender must be a code.", ("Patient.gender",)),
            Issue("not-found", "Not known.", severity="warning"),
        ]

        assert operation_outcome(issues) == {
            "resourceType": "OperationOutcome",
            "issue": [
                {
                    "severity": "error",
                    "code": "value",
                    "diagnostics": "Patient.gender must be a code.",
                    "expression": ["Patient.gender"],
                },
                {"severity": "warning", "code": "not-found", "diagnostics": "Not known."},
            ],
        }
