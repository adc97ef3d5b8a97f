import inspect

import pytest

from patients.fhir import outcomes
from patients.fhir.outcomes import FhirError, Issue, NotFound, operation_outcome

ERRORS = [
    error
    for _, error in inspect.getmembers(outcomes, inspect.isclass)
    if issubclass(error, FhirError) and error is not FhirError
]

# https://hl7.org/fhir/R4/valueset-issue-type.html
ISSUE_TYPES = set(
    [
        "invalid",
        "structure",
        "required",
        "value",
        "invariant",
        "security",
        "login",
        "unknown",
        "expired",
        "forbidden",
        "suppressed",
        "processing",
        "not-supported",
        "duplicate",
        "multiple-matches",
        "not-found",
        "deleted",
        "too-long",
        "code-invalid",
        "extension",
        "too-costly",
        "business-rule",
        "conflict",
        "transient",
        "lock-error",
        "no-store",
        "exception",
        "timeout",
        "incomplete",
        "throttled",
        "informational",
    ]
)


class TestFhirError:
    @pytest.mark.parametrize("error", ERRORS)
    def test_has_a_status_an_issue_type_and_a_docstring(self, error):
        assert 400 <= error.status < 600
        assert error.code in ISSUE_TYPES
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
