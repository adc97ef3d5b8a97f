"""Who may do what. One policy for every door (docs/security.md).

Default deny. For now the policy is all or nothing: whoever is known may do everything, nobody else
anything. Callers already pass an `Actor` and cache under its `scope`, so that roles change this module only.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from patients.fhir.outcomes import Forbidden, NotAuthenticated

Channel = Literal["session", "token", "basic", "command", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, and through which door."""

    user_id: int | None
    name: str
    channel: Channel
    request_id: str = ""
    address: str = ""

    @property
    def principal(self) -> str:
        """One and the same for all log-ins of a user: whoever wrote sees it through every door."""
        return f"user:{self.user_id}" if self.user_id is not None else f"{self.channel}:{self.name}"


def actor_for(
    user: AbstractBaseUser | AnonymousUser, *, channel: Channel, request_id: str, address: str
) -> Actor:
    """The actor behind a request.

    :raises NotAuthenticated: if nobody has logged in.
    """
    if not user.is_authenticated or user.pk is None:
        raise NotAuthenticated("Log in to use this service.")
    return Actor(
        user_id=user.pk, name=user.get_username(), channel=channel, request_id=request_id, address=address
    )


def command_actor(command: str) -> Actor:
    """The operator who runs a management command."""
    return Actor(user_id=None, name=f"manage.py {command}", channel="command")


def authorise(actor: Actor, interaction: str, resource_type: str) -> None:
    """Let the interaction go on.

    :raises Forbidden: if the policy grants the actor no such interaction.
    """
    if actor.user_id is None and actor.channel not in ("command", "system"):
        raise Forbidden(f"You may not {interaction} {resource_type}.")


def scope(actor: Actor) -> str:
    """What the actor may see, as a part of cache keys: equal only for those who may see the same."""
    grants = "all" if actor.user_id is not None or actor.channel in ("command", "system") else "nothing"
    return hashlib.blake2b(grants.encode(), digest_size=8).hexdigest()
