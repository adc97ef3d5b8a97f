"""Single sign-on by OpenID Connect: who a person is and what they may do is their organisation's to say.

The code flow with PKCE, https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth. Without a role
in the claims nobody gets in; with each log-in the roles are those of the claims again.
"""

import logging
from contextlib import suppress
from typing import Any

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from patients.accounts import auditing, claims, second_factor, sessions

logger = logging.getLogger(__name__)

PROVIDER = "organisation"
# Keys that an organisation publishes; never a secret that both sides know.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


class OpenIdConnect(OpenIDConnectOAuth2Adapter):
    """allauth's, which checks the signature of each ID token, and needs no cache for it."""

    def get_provider(self) -> Any:
        provider = super().get_provider()
        provider.oauth2_adapter_class = OpenIdConnect
        return provider

    @property
    def openid_config(self) -> dict[str, Any]:
        """:raises OAuth2Error: if the organisation does not answer, or not with a configuration."""
        try:
            config = super().openid_config
        except requests.RequestException as error:
            raise OAuth2Error("The configuration cannot be read.") from error
        if not isinstance(config, dict) or not all(isinstance(config.get(name), str) for name in _NEEDED):
            raise OAuth2Error("The configuration lacks what is needed.")
        return config

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """:raises OAuth2Error: if what is said of the person is not whole."""
        if not kwargs["response"].get("id_token"):
            raise OAuth2Error("There is no ID token.")
        try:
            login = super().complete_login(request, app, token, **kwargs)
            login.said = claims.merged(login.account.extra_data)
        except (KeyError, TypeError, AttributeError, ValueError, ImproperlyConfigured) as error:
            # The last is what allauth makes of a subject that is too long.
            raise OAuth2Error("The claims cannot be read.") from error
        if not login.account.uid or "\0" in login.account.uid:
            raise OAuth2Error("The subject cannot be kept.")
        # They are used now; no copy stays behind.
        login.account.extra_data = {}
        login.email_addresses = []
        return login

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("openid_connect_callback"))

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """:raises OAuth2Error: if the organisation did not make it, for this site, just now."""
        try:
            for key in self._keys(jwt.get_unverified_header(id_token).get("kid")):
                with suppress(jwt.InvalidSignatureError, jwt.InvalidAlgorithmError):
                    return jwt.decode(
                        id_token,
                        key,
                        algorithms=_ALGORITHMS,
                        issuer=self.openid_config["issuer"],
                        audience=app.client_id,
                        options={"require": ["exp", "iat", "sub"]},
                    )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise OAuth2Error("The ID token cannot be believed.") from error
        raise OAuth2Error("The ID token is signed by none of the organisation's keys.")

    def _keys(self, key_id: str | None) -> list[jwt.PyJWK]:
        """The keys that it may be signed by: a token need not tell if there is one key only."""
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(response.json()).keys
        return [key for key in keys if key_id is None or key.key_id == key_id]


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Lets in who has a role, under a name of their own; accounts made here are never taken over."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Give who is known the roles of the claims, before they are logged in.

        :raises ImmediateHttpResponse: if there are none, or the log-in is closed here.
        """
        user, roles = sociallogin.user, claims.roles_of(sociallogin.said)
        if user.pk:
            _give(request, user, roles)
        else:
            user.username, user.email = _free_name(sociallogin.said), ""
            user.first_name, user.last_name = (
                claims.text_of(sociallogin.said, name) for name in ("given_name", "family_name")
            )
        if not roles or not user.is_active:
            auditing.record(request, user if user.pk else None, "login", outcome=403)
            raise ImmediateHttpResponse(refusal(request, "closed" if roles else "roles"))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        with transaction.atomic():
            user = super().save_user(request, sociallogin, form)
            _give(request, user, claims.roles_of(sociallogin.said))
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **said: Any) -> None:
        """:raises ImmediateHttpResponse: always, with our page."""
        cause = said.get("exception")
        logger.warning("single sign-on failed: %s %s", type(cause).__name__, said.get("error"))
        if said.get("error") == AuthError.CANCELLED:
            raise ImmediateHttpResponse(redirect("account_login"))
        auditing.record(request, None, "login", outcome=401)
        raise ImmediateHttpResponse(refusal(request, "failed"))


@login_not_required
def log_in(request: HttpRequest) -> HttpResponse:
    """Send the person to their organisation."""
    if request.GET.get("process", AuthProcess.LOGIN) != AuthProcess.LOGIN:
        # allauth would tie the organisation's account to whoever has logged in here, by a link from anywhere.
        raise Http404
    return _through(OAuth2LoginView, request)


@login_not_required
def return_from_organisation(request: HttpRequest) -> HttpResponse:
    """Take the person back, with what their organisation says of them."""
    return _through(OAuth2CallbackView, request)


def refusal(request: HttpRequest, reason: str) -> HttpResponse:
    """The page that says why somebody does not get in: `roles`, `closed`, `failed` or `away`."""
    status = 503 if reason == "away" else 403
    return render(request, "account/not_let_in.html", {"reason": reason}, status=status)


def _through(view: type[OAuth2View], request: HttpRequest) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        return view.adapter_view(OpenIdConnect(request, PROVIDER))(request)
    except OAuth2Error as error:
        logger.warning("single sign-on: %s", error)
        return refusal(request, "away")


def _free_name(said: claims.Claims) -> str:
    taken = User.objects.filter
    return next((name for name in claims.names_of(said) if not taken(username__iexact=name).exists()), "")


def _give(request: HttpRequest, user: User, roles: frozenset[str]) -> None:
    """Let the user have these roles and no other; who has none left is logged out everywhere."""
    with transaction.atomic():
        before = frozenset(user.groups.values_list("name", flat=True))
        is_staff = second_factor.ADMINISTRATOR in roles
        if (before, user.is_staff, user.is_superuser) != (roles, is_staff, False):
            user.groups.set(Group.objects.filter(name__in=roles))
            User.objects.filter(pk=user.pk).update(is_staff=is_staff, is_superuser=False)
            user.is_staff, user.is_superuser = is_staff, False
            auditing.record(request, user, "roles", query=", ".join(sorted(roles)))
    if not roles:
        sessions.end_all(user)
