"""The questions that interactions ask of the policy."""

from patients.access import facts as resource_facts
from patients.access.actors import Actor
from patients.access.current import policy_of
from patients.access.facts import Facts
from patients.access.policy import Permit
from patients.access.sights import sight_of
from patients.fhir.outcomes import Forbidden
from patients.search.sight import Sight


def authorise(actor: Actor, interaction: str, resource_type: str) -> None:
    """Let the interaction go on.

    :raises Forbidden: if the policy grants the actor no such interaction.
    """
    if not policy_of(actor).grants(interaction, resource_type):
        raise Forbidden(f"You may not {interaction} {resource_type}.")


def may_see(actor: Actor, interaction: str, facts: Facts) -> bool:
    """Whether the interaction may meet this resource; if not, it is to be as if it were not there."""
    return bool(permits_that_meet(actor, interaction, facts))


def permits_that_meet(actor: Actor, interaction: str, facts: Facts) -> frozenset[Permit]:
    """The ways by which the interaction meets the resource."""
    policy = policy_of(actor)
    if policy.is_all:
        return _WITHOUT_LIMIT
    granted = policy.permits_for(interaction, facts.resource_type)
    opened = frozenset(permit for permit in granted if permit.opens(facts, policy.elevations))
    organisations: frozenset[str] = frozenset()
    if any(permit.organisations is not None for permit in opened):
        organisations = resource_facts.organisations_of(facts.patients, principal=actor.principal)
    return frozenset(permit for permit in opened if permit.reaches(facts, organisations))


def sight(actor: Actor, interaction: str = "search") -> Sight:
    """What a search of the actor's may look at."""
    return sight_of(policy_of(actor), interaction)


def scope(actor: Actor) -> str:
    """What the actor may see, as a part of cache keys: equal only for those who may see the same."""
    return policy_of(actor).digest


def roles_of(actor: Actor) -> tuple[str, ...]:
    """The names of the roles that the actor has, in alphabetical order; none: a command, or the service."""
    return policy_of(actor).roles


_WITHOUT_LIMIT = frozenset({Permit()})
