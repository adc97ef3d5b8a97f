"""What the roles that the migration makes may do: one row of the table for each, by group of types."""

import pytest

from patients.access import Actor, authorise, policy_of
from patients.access.vocabulary import GRANTABLE, TYPE_GROUPS
from patients.fhir.definitions import RESOURCE_TYPES
from patients.fhir.outcomes import Forbidden
from tests.people import user_with

# r read, v vread, h history, s search, e everything, c create, u update, p patch, d delete, x export.
LETTERS = dict(zip("rvhsecupdx", GRANTABLE, strict=True))

# One type of each group of types, and those that a role is granted by name.
TABLE = {
    "administrator": {
        "Patient": "rvhsecupdx",
        "Observation": "rvhsecupdx",
        "ValueSet": "rvhsecupdx",
        "Claim": "rvhsecupdx",
        "AuditEvent": "rvhse",
    },
    "auditor": {"Patient": "", "Observation": "", "ValueSet": "", "Claim": "", "AuditEvent": "rvhs"},
    "clinician": {
        "Patient": "rvhsecup",
        "RelatedPerson": "rvhsecup",
        "Organization": "rvhse",
        "Observation": "rvhsecup",
        "Condition": "rvhsecup",
        "ValueSet": "rvhse",
        "Claim": "",
        "AuditEvent": "",
    },
    "integration client": {
        "Patient": "rvhsecupdx",
        "Observation": "rvhsecupdx",
        "ValueSet": "rvhsecupdx",
        "Claim": "rvhsecupdx",
        "AuditEvent": "rvhsecupdx",
    },
    "nurse": {
        "Patient": "rvhse",
        "RelatedPerson": "rvhsecup",
        "Observation": "rvhsecup",
        "Condition": "rvhse",
        "MedicationRequest": "rvhse",
        "ValueSet": "rvhse",
        "Claim": "",
        "AuditEvent": "",
    },
    "reception": {
        "Schedule": "rvhscu",
        "Location": "rvhs",
        "Observation": "",
        "Condition": "",
        "Encounter": "",
        "ValueSet": "",
        "Claim": "",
        "AuditEvent": "",
    },
    "": {"Patient": "", "Observation": "", "ValueSet": "", "Claim": "", "AuditEvent": ""},
}
CASES = [
    (role, resource_type, interaction, letter in letters)
    for role, types in TABLE.items()
    for resource_type, letters in types.items()
    for letter, interaction in LETTERS.items()
]


@pytest.fixture(scope="module")
def actors(database) -> dict[str, Actor]:
    users = {role: user_with(role) if role else user_with() for role in TABLE}
    return {role: Actor(user.pk, user.get_username(), "session") for role, user in users.items()}


def _may(actor: Actor, interaction: str, resource_type: str) -> bool:
    try:
        authorise(actor, interaction, resource_type)
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(("role", "resource_type", "interaction", "expected"), CASES)
def test_grants_what_the_table_says(actors, role, resource_type, interaction, expected):
    assert _may(actors[role], interaction, resource_type) is expected


def test_each_type_is_in_one_group():
    grouped = [type for types in TYPE_GROUPS.values() for type in types]

    assert sorted(grouped) == sorted(RESOURCE_TYPES)


def test_types_of_a_group_have_the_same_grants_but_for_those_named(actors):
    named = {type for types in TABLE.values() for type in types} | {"Appointment", "AppointmentResponse"}
    administrator = policy_of(actors["administrator"])

    for group, types in TYPE_GROUPS.items():
        of_types = {
            type: {name for name in GRANTABLE if administrator.grants(name, type)} for type in types - named
        }
        assert len(set(map(frozenset, of_types.values()))) <= 1, group


class TestWhoHasNoRole:
    @pytest.mark.parametrize("interaction", ["batch", "transaction", "export-status", "export-file"])
    def test_may_not_even_send_a_bundle(self, actors, interaction):
        assert not _may(actors[""], interaction, "Bundle")

    @pytest.mark.parametrize("interaction", ["search", "history", "export"])
    def test_may_not_ask_the_system(self, actors, interaction):
        assert not _may(actors[""], interaction, "Resource")

    def test_may_not_though_a_superuser(self):
        superuser = user_with(is_staff=True, is_superuser=True)

        assert not _may(Actor(superuser.pk, "", "session"), "read", "Patient")


class TestWhatStandsForAnother:
    @pytest.mark.parametrize(
        ("role", "interaction", "resource_type", "expected"),
        [
            ("nurse", "validate", "Condition", False),
            ("nurse", "validate", "Observation", True),
            ("reception", "batch", "Bundle", True),
            ("nurse", "export", "Resource", False),
            ("nurse", "search", "Resource", True),
            ("administrator", "search", "Resource", True),
            ("administrator", "search", "NoSuchType", False),
            ("administrator", "no-such-interaction", "Patient", False),
        ],
    )
    def test_is_granted_with_it(self, actors, role, interaction, resource_type, expected):
        assert _may(actors[role], interaction, resource_type) is expected

    def test_an_unknown_interaction_is_refused_to_the_operator_too(self):
        assert not _may(Actor(None, "manage.py", "command"), "no-such-interaction", "Patient")
