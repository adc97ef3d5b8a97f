"""What allauth asks a site about log-ins."""

import base64
from datetime import datetime
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from patients.accounts import second_factor
from patients.models.sessions import BEGAN

FRESH_SECONDS = 300


class AccountAdapter(DefaultAccountAdapter):
    """Log-ins are made by administrators, or by the organisation's own; nobody signs up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": _("That is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: each page says itself how things stand."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return request.META.get("REMOTE_ADDR", "")

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        return redirect("account_login")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again before a log-in is changed, unless it was given just now."""
        began = context.request.session.get(BEGAN)
        if began is None:
            return True
        return (timezone.now() - datetime.fromisoformat(began)).total_seconds() > FRESH_SECONDS


class MfaAdapter(DefaultMFAAdapter):
    """Second factors, whose secrets are kept encrypted under the site's key."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code is not good, or not any more. Take the one that is shown now."),
        "cannot_delete_authenticator": _("Administrators of this site need a second factor."),
    }

    def get_totp_issuer(self) -> str:
        return settings.SITE_NAME

    def build_totp_svg(self, url: str) -> str:
        """Draw the QR code as a part of the page, on white: a camera has to read it by night too."""
        return qrcode.make(url, image_factory=SvgPathFillImage, border=2).to_string(encoding="unicode")

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not second_factor.is_required_of(authenticator.user)


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"fhirsite second factor")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
