"""What an actor may not see is as if it were not there; a change that meets it is refused, without detail.

A version is seen if the resource as it is now may be seen, and the version by what it says itself: a label
that was taken away later, or another Patient whom it was about, still stands in it.
"""

from collections.abc import Iterable, Sequence

from patients.access import Actor, Facts, authorise, facts, may_see, policy_of
from patients.fhir.outcomes import Forbidden
from patients.interactions.results import StoredResource
from patients.models.writing import Change
from perf.database import Query, fetch

_LAST_CONTENT = Query(
    "last content",
    """
    SELECT v.content
    FROM fhir_resources r JOIN fhir_resource_versions v ON v.resource_id = r.id
    WHERE r.resource_type = %s AND r.fhir_id = %s AND v.content IS NOT NULL
    ORDER BY v.version_id DESC
    LIMIT 1
    """,
)
_NO_DETAIL = "You may not do this."

# Interaction, type, id, and the Patients in whose compartments the new content is.
_Write = tuple[str, str, str, frozenset[str]]


def is_seen(actor: Actor, interaction: str, stored: StoredResource, known: Facts) -> bool:
    """Whether the interaction may meet the current version, or the deletion, of which this is `known`."""
    if policy_of(actor).is_all:
        return True
    if stored.is_deleted:
        known = _before_deletion(actor, stored.resource_type, stored.id)
    return may_see(actor, interaction, known)


def is_version_seen(actor: Actor, interaction: str, *, id: str, content: str | None) -> bool:
    """Whether the interaction may meet an earlier version, whose resource may be seen as it is now."""
    if content is None or policy_of(actor).is_all:
        return True
    return may_see(actor, interaction, facts.of_content(content, id=id, principal=actor.principal))


def authorise_search(actor: Actor, types: Iterable[str]) -> None:
    """Let criteria look at resources of these types.

    :raises Forbidden: if one of them may not be searched: what meets a criterion tells what is in it.
    """
    for each in sorted(types):
        authorise(actor, "search", each)


def refuse_hidden(actor: Actor, interaction: str, stored: StoredResource, known: Facts) -> None:
    """Refuse to change what may not be seen.

    :raises Forbidden: if it may not.
    """
    if not is_seen(actor, interaction, stored, known):
        raise forbidden()


def refuse_unreachable(actor: Actor, interaction: str, change: Change, known: Facts | None) -> None:
    """Refuse to write what is recorded of somebody who may not be seen; `known` is what may be.

    Labels of the new content's own are no hindrance: whoever sees a record may restrict it.

    :raises Forbidden: if it is of such a Patient.
    """
    linked = change.values.compartment_patients
    if change.resource is None or (known is not None and linked == known.linked) or policy_of(actor).is_all:
        return
    [is_reachable] = are_reachable(actor, [(interaction, change.resource_type, change.id, linked)])
    if not is_reachable:
        raise forbidden()


def are_reachable(actor: Actor, writes: Sequence[_Write]) -> list[bool]:
    """Tell of each whether what it writes is recorded of people who may all be seen."""
    if policy_of(actor).is_all:
        return [True] * len(writes)
    patients = frozenset(patient for *_, linked in writes for patient in linked)
    labels = facts.labels_of_patients(patients, principal=actor.principal)
    return [
        may_see(actor, interaction, facts.of_linked(resource_type, id, linked, labels))
        for interaction, resource_type, id, linked in writes
    ]


def forbidden() -> Forbidden:
    """Say no more than that: what it is that is in the way is not to be told."""
    return Forbidden(_NO_DETAIL)


def _before_deletion(actor: Actor, resource_type: str, id: str) -> Facts:
    [(content,)] = fetch(_LAST_CONTENT, (resource_type, id), principal=actor.principal)
    return facts.of_content(content, id=id, principal=actor.principal)
