"""The policy says the same of a resource in Python and in SQL: each resource here, by each kind of permit."""

from itertools import product

import pytest

from patients import interactions
from patients.access import Facts, facts
from patients.access.policy import Permit, compiled
from patients.access.sights import sight_of
from patients.access.vocabulary import CONFIDENTIALITY
from patients.fhir.resource import from_value
from patients.models import FhirResource
from perf import database
from tests.people import TESTER, created, word
from tests.records import Records

TYPES = ("Patient", "Condition", "AllergyIntolerance", "Medication")
_FACTS = database.Query(
    "facts",
    f"""
    SELECT r.resource_type, r.fhir_id,
           ARRAY(SELECT c.patient_id FROM patient_compartment c WHERE c.resource_id = r.id), {facts.COLUMNS}
    FROM fhir_resources r WHERE r.id = %s
    """,
)


def _labelled(*labels: str) -> dict:
    return {"meta": {"security": [{"system": CONFIDENTIALITY, "code": label} for label in labels]}}


@pytest.fixture(scope="module")
def world(database) -> dict:
    """Patients, labelled or not, of an organisation or not, and what is recorded of them, labelled or not."""
    records = Records(TESTER)
    organisation = records.stored({"resourceType": "Organization", "name": word()})
    managed = {"managingOrganization": {"reference": f"Organization/{organisation}"}}
    patients = [
        created(**label, **manager)
        for label, manager in product(
            [{}, _labelled("R"), _labelled("V", "N"), _labelled("R", "V")], [{}, managed]
        )
    ]
    resources = [("Patient", id) for id in patients]
    for patient, label in product(patients, [{}, _labelled("R"), _labelled("V")]):
        resources.append(("AllergyIntolerance", records.allergy(patient, word(), **label)))
    # About one, told by another.
    for first, second in ((patients[0], patients[2]), (patients[1], patients[0])):
        value = {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{first}"},
            "asserter": {"reference": f"Patient/{second}"},
        }
        resources.append(("Condition", records.stored(value)))
    linked = [{"other": {"reference": f"Patient/{patients[2]}"}, "type": "seealso"}]
    resources.append(("Patient", created(link=linked)))
    resources += [
        ("Medication", records.stored({"resourceType": "Medication", **label}))
        for label in ({}, _labelled("R"))
    ]
    # An id says nothing of whom it is about: another type may have the same.
    of_same_id = from_value({"resourceType": "Medication", "id": patients[0], **_labelled("R")})
    interactions.update(actor=TESTER, resource=of_same_id, id=patients[0])
    resources.append(("Medication", patients[0]))
    return {"patients": patients, "organisation": organisation, "resources": resources}


def _permits(world) -> list[frozenset[Permit]]:
    opened = [frozenset(labels) for labels in ((), ("R",), ("R", "V"))]
    reaches = [
        {},
        {"patients": frozenset(world["patients"][:3])},
        {"organisations": frozenset({world["organisation"]})},
    ]
    single = [Permit(labels=labels, **reach) for labels, reach in product(opened, reaches)]
    return [frozenset({each}) for each in single] + [
        frozenset({Permit(), Permit(labels=frozenset({"R"}), **reaches[1])}),
        frozenset({Permit(**reaches[1]), Permit(labels=frozenset({"R", "V"}), **reaches[2])}),
    ]


def _in_sql(policy, row_id: int) -> bool:
    condition = sight_of(policy, "search").of(TYPES, "r.id")
    statement = database.Query("seen", f"SELECT {condition.sql} FROM fhir_resources r WHERE r.id = %s")
    return database.fetch_primary(statement, (*condition.params, row_id))[0][0]


def _in_python(policy, row_id: int) -> bool:
    [row] = database.fetch_primary(_FACTS, (row_id,))
    known = Facts.of_row(*row)
    organisations = facts.organisations_of(known.patients, principal=TESTER.principal)
    return any(
        permit.opens(known, policy.elevations) and permit.reaches(known, organisations)
        for permit in policy.permits_for("search", known.resource_type)
    )


@pytest.mark.parametrize("elevated", [(), (0,), (2, 4)])
def test_says_the_same(world, elevated):
    ids = [
        FhirResource.objects.get(resource_type=resource_type, fhir_id=id).pk
        for resource_type, id in world["resources"]
    ]
    elevations = frozenset(world["patients"][at] for at in elevated)
    verdicts = []
    for permits in _permits(world):
        policy = compiled(
            roles=(),
            permits=[("search", type, permit) for type in TYPES for permit in permits],
            elevations=elevations,
        )
        found = [(_in_sql(policy, id), _in_python(policy, id)) for id in ids]
        assert [in_sql for in_sql, _ in found] == [in_python for _, in_python in found], permits
        verdicts += [in_sql for in_sql, _ in found]

    assert 0.2 < sum(verdicts) / len(verdicts) < 0.8


class TestLabels:
    def _rows(self, resource_type: str, id: str) -> list[tuple]:
        query = database.Query(
            "labels",
            "SELECT l.label, l.patient_id"
            " FROM resource_labels l JOIN fhir_resources r ON r.id = l.resource_id"
            " WHERE r.resource_type = %s AND r.fhir_id = %s ORDER BY 1",
        )
        return database.fetch_primary(query, (resource_type, id))

    @pytest.mark.parametrize(
        ("codings", "labels"),
        [
            ([], []),
            ([{"system": CONFIDENTIALITY, "code": "R"}], ["R"]),
            ([{"code": "V"}], ["V"]),
            ([{"system": CONFIDENTIALITY, "code": "N"}], []),
            ([{"system": "urn:other", "code": "R"}], []),
            ([{"system": CONFIDENTIALITY, "code": "R"}, {"code": "R"}, {"display": "V"}], ["R"]),
        ],
    )
    def test_are_noted_by_the_write_as_python_reads_them(self, codings, labels):
        value = {"resourceType": "Basic", "code": {"text": "x"}}
        if codings:
            value["meta"] = {"security": codings}
        id = Records(TESTER).stored(value)

        assert self._rows("Basic", id) == [(label, None) for label in labels]
        assert facts.labels_in(from_value(value).value) == set(labels)

    def test_of_a_patient_name_the_patient_and_follow_what_is_written(self):
        id = created(**_labelled("R"))
        records = Records(TESTER)
        assert self._rows("Patient", id) == [("R", id)]

        records.changed(id, **_labelled("V"))
        assert self._rows("Patient", id) == [("V", id)]

        records.deleted(id)
        assert self._rows("Patient", id) == [("V", id)]

        records.changed(id, active=True)
        assert self._rows("Patient", id) == []


def test_is_in_brackets_and_asks_the_row_that_it_is_given(world):
    """Whatever stands before it, and whatever alias the row has: the policy's own are nobody else's."""
    permits = [(("search"), type, Permit()) for type in TYPES[:3]]
    policy = compiled(roles=(), permits=permits, elevations=frozenset())
    for alias in ("r", "l", "c", "p", "o", "s", "d", "t", "v", "e"):
        seen = sight_of(policy, "search").of_any(f"{alias}.id")
        statement = database.Query(
            "seen", f"SELECT count(*) FROM fhir_resources {alias} WHERE false AND {seen.sql}"
        )
        assert database.fetch_primary(statement, seen.params)[0][0] == 0
        labelled = database.Query(
            "seen",
            f"SELECT count(*) FROM fhir_resources {alias}"
            f" JOIN resource_labels x ON x.resource_id = {alias}.id WHERE {seen.sql}",
        )
        assert database.fetch_primary(labelled, seen.params)[0][0] == 0
