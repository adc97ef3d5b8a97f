"""The questions that interactions ask of the policy."""

from patients.access.actors import Actor
from patients.access.current import policy_of
from patients.fhir.outcomes import Forbidden


def authorise(actor: Actor, interaction: str, resource_type: str) -> None:
    """Let the interaction go on.

    :raises Forbidden: if the policy grants the actor no such interaction.
    """
    if not policy_of(actor).grants(interaction, resource_type):
        raise Forbidden(f"You may not {interaction} {resource_type}.")


def scope(actor: Actor) -> str:
    """What the actor may see, as a part of cache keys: equal only for those who may see the same."""
    return policy_of(actor).digest


def roles_of(actor: Actor) -> tuple[str, ...]:
    """The names of the roles that the actor has, in alphabetical order; none: a command, or the service."""
    return policy_of(actor).roles
