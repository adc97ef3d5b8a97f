"""Settings of log-ins: passwords, sessions, lock-out, second factor and single sign-on.

A part of `settings.py`; see docs/security.md.
"""

from datetime import timedelta

from fhirsite import environment, single_sign_on

AUTHENTICATION_BACKENDS = [
    # Asks first whether this name is locked out at this address.
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

# The first makes the hashes; what another made is hashed anew when its user next logs in.
PASSWORD_HASHERS = [
    "patients.accounts.passwords.PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pages:search"
LOGOUT_REDIRECT_URL = "account_login"

SESSION_ENGINE = "patients.models.sessions"
# A session ends after so long without use, and so long after its log-in whatever happens.
SESSION_COOKIE_AGE = environment.number("FHIRSITE_SESSION_SECONDS", 15 * 60)
SESSION_HOURS = environment.decimal("FHIRSITE_SESSION_HOURS", 12.0)
# When it ends is the server's to say: the cookie has no date, and goes when the browser is closed.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

# Failed log-ins are counted in the database, by name and address together: nobody is locked out
# by what somebody does elsewhere, and it holds while the cache is away.
LOCK_OUT_FAILURES = environment.number("FHIRSITE_LOCK_OUT_FAILURES", 5)
LOCK_OUT_MINUTES = environment.number("FHIRSITE_LOCK_OUT_MINUTES", 15)
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "patients.accounts.lock_out.address_of"
AXES_FAILURE_LIMIT = LOCK_OUT_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=LOCK_OUT_MINUTES)
AXES_RESET_ON_SUCCESS = True
# Trying goes on for nothing, but does not lock out for longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "patients.accounts.lock_out.answer"
# Who logged in is in the audit.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "csrfmiddlewaretoken"]

# The second factor: `required` of administrators, or `optional`.
MFA = environment.choice(
    "FHIRSITE_MFA",
    ("required", "optional"),
    "required" if environment.switch("FHIRSITE_PRODUCTION", default=False) else "optional",
)
MFA_ADAPTER = "patients.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "patients.pages.accounts.forms.CodeForm",
    "reauthenticate": "patients.pages.accounts.forms.CodeAgainForm",
    "activate_totp": "patients.pages.accounts.forms.SetUpForm",
}
ACCOUNT_ADAPTER = "patients.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"reauthenticate": "patients.pages.accounts.forms.PasswordAgainForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Limits are in the database (above) and in `throttling.py`; allauth's would stand and fall with the cache.
ACCOUNT_RATE_LIMITS = False

# Single sign-on by OpenID Connect; without an issuer there is none.
ROLES = ("administrator", "auditor", "clinician", "nurse", "reception")
OIDC_ISSUER = single_sign_on.issuer("FHIRSITE_OIDC_ISSUER")
OIDC_NAME = single_sign_on.text("FHIRSITE_OIDC_NAME", "your organisation")
OIDC_ROLES_CLAIM = single_sign_on.text("FHIRSITE_OIDC_ROLES_CLAIM", "roles")
OIDC_ROLES = single_sign_on.roles("FHIRSITE_OIDC_ROLES", ROLES)
SOCIALACCOUNT_ADAPTER = "patients.accounts.single_sign_on.SocialAccountAdapter"
# As long as https://openid.net/specs/openid-connect-core-1_0.html#IDToken allows.
SOCIALACCOUNT_UID_MAX_LENGTH = 255
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# A link, not a form: the policy of our pages lets no form lead elsewhere.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_PROVIDERS = single_sign_on.providers(OIDC_ISSUER, OIDC_NAME)
