"""The policy compiled to SQL: what `Permit.opens` and `Permit.reaches` say of one resource, for sets.

The two must agree: tests/patients/access/test_two_ways.py compares them.
"""

from collections.abc import Callable
from functools import lru_cache

from patients.access.policy import Permit, Policy
from patients.access.vocabulary import TYPES_OF_PATIENTS
from patients.search.fragments import TRUE, Fragment, all_of, any_of, fill
from patients.search.sight import EVERYTHING, OfId, Sight

# `{id}` may be a column of any alias: these are nobody else's.
# Asked once a statement: where nothing is labelled nothing else is asked of the rows.
_NOTHING_LABELLED = Fragment("NOT EXISTS (SELECT FROM resource_labels)")
_OWN_LABEL = """EXISTS (
    SELECT FROM resource_labels label_
    WHERE label_.resource_id = {id} AND label_.label <> ALL({open}) OFFSET 0)"""
_LABEL_OF_PATIENT = """EXISTS (
    SELECT FROM patient_compartment member_
    JOIN resource_labels label_ ON label_.patient_id = member_.patient_id
    WHERE member_.resource_id = {id} AND label_.label <> ALL({open})
      AND member_.patient_id <> ALL({elevated}) OFFSET 0)"""
_IS_ONE_OF = """EXISTS (
    SELECT FROM fhir_resources person_
    WHERE person_.id = {id} AND person_.resource_type = 'Patient' AND person_.fhir_id = ANY({patients})
    OFFSET 0)"""
_IS_LINKED_TO = """EXISTS (
    SELECT FROM patient_compartment member_
    WHERE member_.resource_id = {id} AND member_.patient_id = ANY({patients}) OFFSET 0)"""
_MANAGER = """manager_.parameter = 'organization' AND manager_.target_type = 'Organization'
      AND manager_.target_id = ANY({organisations})"""
_IS_MANAGED = f"""EXISTS (
    SELECT FROM search_references manager_
    WHERE manager_.resource_id = {{id}} AND {_MANAGER} OFFSET 0)"""
_IS_OF_MANAGED = f"""EXISTS (
    SELECT FROM patient_compartment member_
    JOIN fhir_resources person_
        ON person_.resource_type = 'Patient' AND person_.fhir_id = member_.patient_id
    JOIN search_references manager_ ON manager_.resource_id = person_.id
    WHERE member_.resource_id = {{id}} AND {_MANAGER} OFFSET 0)"""


def sight_of(policy: Policy, interaction: str) -> Sight:
    """What the interaction, a search or what is like one, may see."""
    if policy.is_all:
        return EVERYTHING
    return Sight(
        {
            type: _of_permits(policy.permits_for(interaction, type), policy.elevations, _kind(type))
            for type in policy.types_for(interaction)
        }
    )


def _kind(resource_type: str) -> str:
    """How a type tells whose its resources are."""
    if resource_type == "Patient":
        return "themselves"
    return "theirs" if resource_type in TYPES_OF_PATIENTS else "nobody's"


@lru_cache(maxsize=4_096)
def _of_permits(permits: frozenset[Permit], elevations: frozenset[str], kind: str) -> OfId:
    """One function for all types that are asked the same, so that they are asked it together."""
    ordered = sorted(permits, key=repr)

    def of_id(id: str) -> Fragment:
        return any_of(
            all_of([_opens(permit, elevations, id), _reaches(permit, kind, id)]) for permit in ordered
        )

    return of_id


def _opens(permit: Permit, elevations: frozenset[str], id: str) -> Fragment:
    slots = {
        "id": Fragment(id),
        "open": Fragment("%s::text[]", (sorted(permit.labels),)),
        "elevated": Fragment("%s::text[]", (sorted(elevations),)),
    }
    own = fill(_OWN_LABEL, **slots)
    not_own = Fragment(f"NOT {own.sql}", own.params)
    if elevations:
        elevated = {"id": slots["id"], "patients": slots["elevated"]}
        not_own = any_of([not_own, fill(_IS_ONE_OF, **elevated), fill(_IS_LINKED_TO, **elevated)])
    of_patient = fill(_LABEL_OF_PATIENT, **slots)
    return any_of(
        [_NOTHING_LABELLED, all_of([not_own, Fragment(f"NOT {of_patient.sql}", of_patient.params)])]
    )


def _reaches(permit: Permit, kind: str, id: str) -> Fragment:
    if permit.reaches_all or kind == "nobody's":
        return TRUE
    return any_of(_WHOSE[kind](permit, Fragment(id)))


def _themselves(permit: Permit, id: Fragment) -> list[Fragment]:
    return _found(permit, id, _IS_ONE_OF, _IS_MANAGED)


def _theirs(permit: Permit, id: Fragment) -> list[Fragment]:
    return _found(permit, id, _IS_LINKED_TO, _IS_OF_MANAGED)


def _found(permit: Permit, id: Fragment, of_patients: str, of_organisations: str) -> list[Fragment]:
    found = []
    if permit.patients is not None:
        found.append(fill(of_patients, id=id, patients=Fragment("%s::text[]", (sorted(permit.patients),))))
    if permit.organisations is not None:
        names = Fragment("%s::text[]", (sorted(permit.organisations),))
        found.append(fill(of_organisations, id=id, organisations=names))
    return found


_WHOSE: dict[str, Callable[[Permit, Fragment], list[Fragment]]] = {
    "themselves": _themselves,
    "theirs": _theirs,
}
