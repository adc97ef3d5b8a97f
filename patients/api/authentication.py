"""Who is asking: by bearer token, by HTTP Basic where nobody listens in, or by the session of the pages."""

import ipaddress
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from patients.access import Actor, Channel, actor_for
from patients.accounts import lock_out, second_factor
from patients.fhir.outcomes import Throttled
from patients.tokens import user_of

LONGEST_NAME = 150

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR")


class BearerTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer fhs_…`. https://www.rfc-editor.org/rfc/rfc6750"""

    channel: Channel = "token"

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, None] | None:
        """Return the token's user.

        :raises AuthenticationFailed: if the token is not one that is good now.
        """
        if not _is_scheme(request, "bearer"):
            return None
        user = user_of("".join(request.headers["Authorization"].split(None, 1)[1:]).strip())
        if user is None:
            raise AuthenticationFailed("The bearer token is unknown, revoked or expired.")
        return user, None

    def authenticate_header(self, request: Request) -> str:
        # Basic is not offered by name: a browser would put up a dialogue of its own.
        fault = ', error="invalid_token"' if _is_scheme(request, "bearer") else ""
        return f'Bearer realm="{settings.SITE_NAME}"{fault}'


class TransportSafeBasicAuthentication(authentication.BasicAuthentication):
    """HTTP Basic, over TLS or from this machine itself: elsewhere a password could be overheard."""

    channel: Channel = "basic"

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the user of the name and password.

        :raises AuthenticationFailed: if they are wrong, or came by a way that is not safe.
        """
        if _is_scheme(request, "basic") and not (request.is_secure() or _is_from_this_machine(request)):
            raise AuthenticationFailed(
                "HTTP Basic is taken over TLS only; this password was sent in the clear, so change it."
            )
        return super().authenticate(request)

    def authenticate_credentials(
        self, userid: str, password: str, request: Any = None
    ) -> tuple[AbstractBaseUser, None]:
        """Return the user, unless failures have locked the name out at this address.

        :raises Throttled: if they have.
        """
        # What has U+0000, or is longer than any name, is nobody's: the database can't even be asked for it.
        is_name = "\0" not in userid and len(userid) <= LONGEST_NAME
        django_request = request._request
        user = authenticate(request=django_request, username=userid, password=password) if is_name else None
        if lock_out.is_locked_out(django_request):
            raise Throttled(lock_out.sentence())
        if user is None:
            raise AuthenticationFailed("The user name or the password is wrong.")
        if second_factor.is_set_up(user) or second_factor.is_required_of(user):
            raise AuthenticationFailed("A password alone is not enough for this user: send a bearer token.")
        return user, None


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the pages; requests that change something carry the CSRF token."""

    channel: Channel = "session"


def actor_of(request: Request) -> Actor:
    """Return the actor behind an authenticated request.

    :raises NotAuthenticated: if nobody has logged in.
    :raises InvalidRequest: if the header `X-Purpose-Of-Use` states what is no purpose.
    """
    channel = getattr(request.successful_authenticator, "channel", "session")
    return actor_for(
        request.user,
        channel=cast(Channel, channel),
        request_id=getattr(request._request, "request_id", ""),
        address=request.META.get("REMOTE_ADDR", ""),
        purpose=request.headers.get("X-Purpose-Of-Use", ""),
    )


def _is_scheme(request: Request, scheme: str) -> bool:
    # By any white space, as Django REST Framework does: no header may be Basic to it and not to us.
    return request.headers.get("Authorization", "").lower().split(None, 1)[:1] == [scheme]


def _is_from_this_machine(request: Request) -> bool:
    """Whether the client, not just a proxy of its, is on this machine."""
    if settings.TRUSTED_PROXIES or any(header in request.META for header in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
