"""Who asks, and through which door."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from patients.fhir.outcomes import InvalidRequest, NotAuthenticated

# What a client may state to read for, of https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html
PURPOSES = ("CAREMGT", "ETREAT", "HOPERAT", "HPAYMT", "PATRQT", "PUBHLTH", "TREAT")

Channel = Literal["session", "token", "basic", "command", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, through which door, and what for.

    `purpose`: why, where it was said; it opens labels that a role reaches only for a purpose.
    `elevations`: ids of Patients whose restricted records are open to them for a while.
    """

    user_id: int | None
    name: str
    channel: Channel
    request_id: str = ""
    address: str = ""
    purpose: str = ""
    elevations: frozenset[str] = frozenset()

    @property
    def principal(self) -> str:
        """One and the same for all log-ins of a user: whoever wrote sees it through every door."""
        return f"user:{self.user_id}" if self.user_id is not None else f"{self.channel}:{self.name}"

    @property
    def is_trusted(self) -> bool:
        """Whether it is the operator or the service itself, to whom everything is granted."""
        return self.channel in ("command", "system")


def actor_for(
    user: AbstractBaseUser | AnonymousUser,
    *,
    channel: Channel,
    request_id: str,
    address: str,
    purpose: str = "",
) -> Actor:
    """The actor behind a request.

    :raises NotAuthenticated: if nobody has logged in.
    :raises InvalidRequest: if a purpose is stated that is none.
    """
    if not user.is_authenticated or user.pk is None:
        raise NotAuthenticated("Log in to use this service.")
    if purpose and purpose not in PURPOSES:
        raise InvalidRequest(f"A purpose of use is one of {', '.join(PURPOSES)}.")
    return Actor(
        user_id=user.pk,
        name=user.get_username(),
        channel=channel,
        request_id=request_id,
        address=address,
        purpose=purpose,
    )


def actor_of_principal(principal: str) -> Actor:
    """Who ordered what is done later, as `Actor.principal` has named them."""
    channel, _, name = principal.partition(":")
    if channel == "user" and name.isdecimal():
        return Actor(user_id=int(name), name=principal, channel="token")
    if channel in ("command", "system"):
        return Actor(user_id=None, name=name, channel="command" if channel == "command" else "system")
    return Actor(user_id=None, name=principal, channel="token")


def command_actor(command: str) -> Actor:
    """The operator who runs a management command."""
    return Actor(user_id=None, name=f"manage.py {command}", channel="command")
