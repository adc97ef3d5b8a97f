"""Settings, read from the environment (`docs/operations.md` has a row for each).

What the environment does not name is embedded: its address stands in the instance file
that `manage.py up` keeps in `FHIRSITE_DATA` (see `fhirsite/embedded/files/instance.py`).
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured
from whitenoise import compress as _compress

from fhirsite import __version__, checks, environment
from fhirsite.embedded.files import instance as embedded_instance
from fhirsite.people import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

DATA_DIR = embedded_instance.data_directory(BASE_DIR)
INSTANCE = embedded_instance.load(DATA_DIR)

DEBUG = environment.switch("FHIRSITE_DEBUG", default=False)
PRODUCTION = environment.switch("FHIRSITE_PRODUCTION", default=False)
DEMO = environment.switch("FHIRSITE_DEMO", default=not PRODUCTION) and not PRODUCTION
# An instance makes its own key at first start; a production site must give one.
SECRET_KEY = env.str("FHIRSITE_SECRET_KEY", default="" if PRODUCTION else INSTANCE.secret_key)
ALLOWED_HOSTS = env.list("FHIRSITE_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("FHIRSITE_TRUSTED_ORIGINS", default=[])
# Under which addresses clients know the service: references to them are to what is here.
BASE_URLS = env.list("FHIRSITE_BASE_URLS", default=[])
# What the pages call this site.
SITE_NAME = env.str("FHIRSITE_SITE_NAME", default="fhirsite")
VERSION = __version__

INSTALLED_APPS = [
    # Ours come first: their commands and templates win over those of the same name below.
    "fhirsite",
    "patients",
    "perf",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_pgviews",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "perf.middleware.RequestIdMiddleware",
    "perf.proxies.ClientAddressMiddleware",
    # What each answer has stands before all that may answer.
    "patients.pages.middleware.PageSecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "fhirsite.refusals.RefusalsMiddleware",
    "perf.cookies.HostCookiesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fhirsite.throttling.RateLimitMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "patients.accounts.middleware.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "fhirsite.urls"
WSGI_APPLICATION = "fhirsite.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "patients.pages.context.site",
            ],
        },
    },
]


# A statement that takes longer is ended: its request is answered 503, and no thread is lost to it.
STATEMENT_TIMEOUT_MILLISECONDS = environment.number("FHIRSITE_STATEMENT_TIMEOUT_MS", 10_000)


# A page's cursor holds this long; an older one is answered 410.
CURSOR_HOURS = environment.decimal("FHIRSITE_CURSOR_HOURS", 24.0)


# Databases: `default` is the primary, `replica` the hot standby, `owner` the primary as the role that
# owns the tables (migrations only). The application's role owns nothing.
def _database(url_setting: str, embedded: dict[str, Any]) -> dict[str, Any]:
    configured = dict(embedded)
    if env.str(url_setting, default=""):
        scheme = env.str(url_setting).partition(":")[0]
        if not env.DB_SCHEMES.get(scheme, "").endswith("postgresql"):
            raise ImproperlyConfigured(
                f"{url_setting} must be like postgresql://USER:PASSWORD@HOST:PORT/NAME."
            )
        try:
            configured = env.db_url(url_setting)
        except ValueError as error:
            raise ImproperlyConfigured(f"{url_setting} cannot be read as a URL.") from error
        # A socket's folder stands in a URL as %2Frun%2Fpostgresql, as libpq has it.
        configured["HOST"] = unquote(configured["HOST"])
    options = {
        # Sockets of a server that is gone must not hold a request: seconds, and milliseconds for the last.
        "connect_timeout": 1,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": 3000,
        "prepare_threshold": 2,
        "application_name": "fhirsite",
    }
    return {
        **configured,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": {**options, **configured.get("OPTIONS", {})},
    }


DATABASES = {
    "default": _database("DATABASE_URL", INSTANCE.database()),
    "replica": _database(
        # A site that names its own primary and no standby reads from its primary.
        "REPLICA_URL" if env.str("REPLICA_URL", default="") else "DATABASE_URL",
        INSTANCE.replica(),
    ),
    "owner": _database(
        "DATABASE_OWNER_URL" if env.str("DATABASE_OWNER_URL", default="") else "DATABASE_URL",
        INSTANCE.owner(),
    ),
}
for _alias in ("default", "replica"):  # a migration may take as long as it must
    DATABASES[_alias]["OPTIONS"]["options"] = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS}"
        # A plan that was prepared while a table was small must not read it from end to end when it has grown.
        " -c enable_seqscan=off"
    )
# A lost connection to the standby is noticed by the query that meets it, which the primary then answers.
DATABASES["replica"]["CONN_HEALTH_CHECKS"] = False
DATABASE_ROUTERS = ["perf.router.PrimaryRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Index names may have 63 letters in PostgreSQL; Django's limit of 30 is another database's.
SILENCED_SYSTEM_CHECKS = ["models.E034"]

# A site's limits for all processes of one host together; `doctor` checks that the threads keep to them.
READ_CONNECTIONS = environment.number("FHIRSITE_READ_CONNECTIONS", 30)
WRITE_CONNECTIONS = environment.number("FHIRSITE_WRITE_CONNECTIONS", 10)
# A standby further behind than this is not read from.
REPLICA_MAX_LAG_SECONDS = environment.decimal("FHIRSITE_REPLICA_MAX_LAG_SECONDS", 5.0)
# How long a principal's read waits for its own write to reach the standby before the primary answers it.
REPLICA_WAIT_SECONDS = environment.decimal("FHIRSITE_REPLICA_WAIT_SECONDS", 0.02, may_be_zero=True)
REPLICA_ENABLED = environment.switch("FHIRSITE_REPLICA", default=True)

REDIS_URL = environment.cache_address("REDIS_URL") or INSTANCE.redis_url()
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "fhirsite",
        "TIMEOUT": 60,
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": 0.03,
            "SOCKET_TIMEOUT": 0.03,
            "IGNORE_EXCEPTIONS": True,
        },
    }
}
CACHE_ENABLED = environment.switch("FHIRSITE_CACHE", default=True)
# Positions of own writes, shared by the processes of this host (perf/own_writes.py).
OWN_WRITES_PATH = DATA_DIR / "shared" / "own-writes"

CELERY_BROKER_URL = INSTANCE.broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "forget-ended-log-ins": {
        "task": "patients.tasks.forget_ended_log_ins",
        "schedule": 3600.0,
        "options": {"expires": 3500},
    },
    "refresh-patient-summary": {
        "task": "patients.tasks.refresh_patient_summary",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "attend-exports": {
        "task": "patients.tasks.attend_exports",
        "schedule": 15.0,
        "options": {"expires": 14},
    },
    "drain-audit": {
        "task": "patients.tasks.drain_audit",
        "schedule": 5.0,
        "options": {"expires": 4},
    },
    "seal-audit": {
        "task": "patients.tasks.seal_audit",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "keep-audit": {
        "task": "patients.tasks.keep_audit",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
}
# The share of the time that refreshing the view may take; ticks in between answer "spaced".
SUMMARY_REFRESH_SHARE = environment.decimal("FHIRSITE_SUMMARY_REFRESH_SHARE", 0.25)

# Where bulk exports are written, and for how long they are kept; web server and workers share the folder.
EXPORT_DIR = env.str("FHIRSITE_EXPORT_DIR", default=str(DATA_DIR / "exports"))
EXPORT_HOURS = environment.decimal("FHIRSITE_EXPORT_HOURS", 24.0)

# The key of the audit's chain, in no database; an instance makes its own, a production site must give one.
AUDIT_KEY = env.str("FHIRSITE_AUDIT_KEY", default="" if PRODUCTION else INSTANCE.audit_key)
# Months that are kept besides the one under way; 0 keeps all.
AUDIT_RETENTION_MONTHS = environment.number("FHIRSITE_AUDIT_RETENTION_MONTHS", 0, least=0)
# Where each process spools what it records, until that is moved to the database.
AUDIT_DIR = env.str("FHIRSITE_AUDIT_DIR", default=str(DATA_DIR / "audit"))
# `off`: what is recorded survives the death of a process; `group`, `always`: also the loss of power.
AUDIT_FSYNC = environment.choice(
    "FHIRSITE_AUDIT_FSYNC", ("group", "always", "off"), default="group" if PRODUCTION else "off"
)

CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "patients.pages.errors.form_expired"
CSRF_COOKIE_SAMESITE = "Lax"
# What a form came to may name a patient: it stays with the session, no cookie carries it.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Under production settings nothing is served without TLS; the embedded plain listener is loopback only.
SECURE_SSL_REDIRECT = PRODUCTION
# Health is asked by who stands beside the process, and tells nothing of patients.
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Proxies that are believed when they tell whose request they pass on and how it came, and by which header
# (perf/proxies.py).
TRUSTED_PROXIES = environment.networks("FHIRSITE_TRUSTED_PROXIES")
PROXY_HEADER = environment.choice(
    "FHIRSITE_PROXY_HEADER", ("X-Forwarded-For", "Forwarded"), "X-Forwarded-For"
)

LANGUAGE_CODE = environment.language("FHIRSITE_LANGUAGE", "en")
TIME_ZONE = environment.time_zone("FHIRSITE_TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "templates" / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Our files are for our pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# Source maps are asked for by developers only, and would take longer to compress than all the rest.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*_compress.Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# The largest request body read, in bytes; larger ones are answered 413 before they are parsed.
MAX_BODY_BYTES = environment.number("FHIRSITE_MAX_BODY_BYTES", 16 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# The largest content of a Binary or an attachment; as Base64 in a resource it still fits into a body.
MAX_BINARY_BYTES = environment.number("FHIRSITE_MAX_BINARY_BYTES", 10 * 1024 * 1024)
# How many large answers of $everything a web process sends at once: each keeps a thread from other requests.
STREAMS = environment.number("FHIRSITE_STREAMS", 2)
# A page of results whose resources are longer than this together ends early, and goes on by its link.
MAX_PAGE_BYTES = environment.number("FHIRSITE_MAX_PAGE_BYTES", 16 * 1024 * 1024)
MAX_BUNDLE_ANSWER_CHARACTERS = environment.number("FHIRSITE_MAX_BUNDLE_ANSWER_CHARACTERS", 64 * 1024 * 1024)

# How many requests a minute; of what a policy is, `perf/rate_limits.py` tells.
RATE_LIMITS = environment.switch("FHIRSITE_RATE_LIMITS", default=True)
_LOGIN_QUOTA = environment.number("FHIRSITE_RATE_LOGIN", 30)
RATE_POLICIES: dict[str, dict[str, Any]] = {
    "address": {"quota": environment.number("FHIRSITE_RATE_ADDRESS", 60_000)},
    "client": {"quota": environment.number("FHIRSITE_RATE_CLIENT", 60_000)},
    "user": {"quota": environment.number("FHIRSITE_RATE_USER", 6_000)},
    # Passwords must not be tried out faster where nobody counts for all processes.
    "log-in": {"quota": _LOGIN_QUOTA, "quota_alone": max(1, _LOGIN_QUOTA // 3), "is_exact": True},
    "report": {"quota": 60},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "patients.api.authentication.BearerTokenAuthentication",
        "patients.api.authentication.TransportSafeBasicAuthentication",
        "patients.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["patients.api.throttling.ClientThrottle"],
    "DEFAULT_RENDERER_CLASSES": [
        "patients.api.renderers.FhirJsonRenderer",
        "patients.api.renderers.PlainJsonRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "patients.api.parsers.FhirJsonParser",
        "patients.api.parsers.PlainJsonParser",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "patients.api.negotiation.FhirContentNegotiation",
    "DEFAULT_SCHEMA_CLASS": "patients.api.openapi.FhirAutoSchema",
    "EXCEPTION_HANDLER": "patients.api.exceptions.operation_outcome",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

# What /api/schema says of the whole; the rest is made from the addresses (patients/api/openapi.py).
SPECTACULAR_SETTINGS = {
    "TITLE": SITE_NAME,
    "DESCRIPTION": "FHIR R4 at /fhir, which /fhir/metadata describes in words of FHIR; summary rows at /api.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "patients.api.openapi.Generator",
    "POSTPROCESSING_HOOKS": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic"},
            "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
        },
    },
}

LOG_LEVEL = environment.choice("FHIRSITE_LOG_LEVEL", environment.LOG_LEVELS, "INFO")
# Logs carry ids, never names or birth dates.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "logging.Formatter" if DEBUG else "perf.logs.PrivateFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        }
    },
    "filters": {
        "request_id": {"()": "perf.middleware.RequestIdFilter"},
        "private": {"()": "perf.logs.PrivateFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "private"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # The beat's tasks come each few seconds; one that fails is said all the same.
    "loggers": {
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}

if PRODUCTION:
    checks.require_production(globals(), os.environ)
