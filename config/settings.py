"""Settings, all of them from the environment; without one, those of the embedded servers.

Nothing is started here: `config.embedded.ensure()` starts servers and sets DATABASE_URL and REDIS_URL
before these settings are read.
"""

import os
from pathlib import Path
from typing import Any

import environ
import structlog
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from config import look, mail, storage

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

EMBEDDED = env.bool("KITH_EMBEDDED", default="DATABASE_URL" not in os.environ)


def required(name: str, reason: str) -> str:
    """The value of an environment variable that production can't do without."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set: {reason} Set it in the environment or in .env (see .env.example)."
        )
    return value


if EMBEDDED:
    from config import embedded

    SECRET_KEY = os.environ.get("SECRET_KEY") or embedded.secret_key()
    ALLOWED_HOSTS = env.list(
        "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"]
    )
else:
    SECRET_KEY = required("SECRET_KEY", "it signs sessions and links; 50 random characters.")
    ALLOWED_HOSTS = required(
        "ALLOWED_HOSTS", "the host names under which Kith is reached, separated by commas."
    ).split(",")
    required("REDIS_URL", "queues and caches live in Redis, e.g. redis://redis:6379/0.")

DEBUG = env.bool("DEBUG", default=False)
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BEHIND_TLS = env.bool("BEHIND_TLS", default=not EMBEDDED)
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
# How many proxies before us add to X-Forwarded-For: the client is that many entries from its end.
PROXY_COUNT = env.int("PROXY_COUNT", default=1 if BEHIND_TLS else 0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

INSTALLED_APPS = [
    "config",
    "organizations",
    "contacts",
    "tags",
    "imports",
    "segments",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "config.apps.KithAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "django_rq",
    "django_htmx",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "organizations.middleware.OrganizationMiddleware",
    "organizations.api.middleware.ApiKeyMiddleware",
]

ROOT_URLCONF = "config.urls"
ORGANIZATION_URLCONF = "config.organization_urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organizations.context_processors.organization",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default="postgresql:///kith")}
DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
    "application_name": env.str("KITH_PROCESS", default="kith"),
}
if env.str("KITH_PROCESS", default="") == "web":
    # Web only: RQ forks, and a pool does not survive a fork.
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 12, "timeout": 10}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "kith",
    }
}

RQ_QUEUES = {
    name: {
        "URL": REDIS_URL,
        "DEFAULT_TIMEOUT": 600,
        "SERIALIZER": "rq.serializers.JSONSerializer",
    }
    for name in ("changes", "default", "imports")
}
RQ = {"COMMIT_MODE": "on_db_commit"}

AUTH_USER_MODEL = "organizations.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
PASSWORD_RESET_TIMEOUT = 60 * 60
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
# Embedded, nothing is collected: files are served from where the packages keep them.
STATIC_ROOT = None if EMBEDDED else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = EMBEDDED
WHITENOISE_MAX_AGE = 3600
DATA_DIR = Path(env.str("KITH_DATA_DIR", default=str(BASE_DIR / ".data"))).absolute()
STORAGES = {
    "default": storage.of_files(env, DATA_DIR),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
# Where people reach Kith, for links in mail.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
MAILERS = mail.mailers(url=env.str("EMAIL_URL", default=""), folder=DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kith <kith@localhost>")
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# Straight to disk, and no further than what an import may have.
FILE_UPLOAD_HANDLERS = ["imports.upload_handler.BoundedUploadHandler"]
# Files up to this are checked and run at once, in the request; larger ones in a worker.
IMPORT_SYNC_BYTES = env.int("IMPORT_SYNC_BYTES", default=64 * 1024)
# Workbooks, archives and address books up to this are made tables of in the request; larger ones in a worker.
IMPORT_CONVERT_AT_ONCE_BYTES = env.int("IMPORT_CONVERT_AT_ONCE_BYTES", default=1024 * 1024)
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=1024 * 1024 * 1024)
IMPORT_MAX_UNPACKED_BYTES = env.int("IMPORT_MAX_UNPACKED_BYTES", default=2 * 1024 * 1024 * 1024)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=5_000_000)
IMPORT_MAX_COLUMNS = env.int("IMPORT_MAX_COLUMNS", default=1_000)
IMPORT_MAX_CELL_CHARACTERS = env.int("IMPORT_MAX_CELL_CHARACTERS", default=131_072)
# Memory of the process that reads a spreadsheet.
IMPORT_MAX_CONVERSION_BYTES = env.int("IMPORT_MAX_CONVERSION_BYTES", default=2 * 1024 * 1024 * 1024)
# How long exported files can be downloaded.
EXPORT_KEPT_DAYS = env.int("EXPORT_KEPT_DAYS", default=7)
# How long notices are kept: since they were read, or else since they were given.
NOTICE_READ_KEPT_DAYS = env.int("NOTICE_READ_KEPT_DAYS", default=90)
NOTICE_UNREAD_KEPT_DAYS = env.int("NOTICE_UNREAD_KEPT_DAYS", default=365)

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
}
# Alpine, which the admin's look is built on, evaluates expressions: its pages alone may.
ADMIN_CSP = SECURE_CSP | {"script-src": [CSP.SELF, CSP.NONCE, CSP.UNSAFE_EVAL]}

UNFOLD = look.UNFOLD

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["organizations.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["organizations.api.permissions.RolePermission"],
    "DEFAULT_PAGINATION_CLASS": "organizations.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "organizations.api.problems.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": PROXY_COUNT,
}
API_RATE_LIMIT = env.int("API_RATE_LIMIT", default=200)

SPECTACULAR_SETTINGS = {
    "TITLE": "Kith API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Contacts, tags, custom fields, imports and the operations that changed them.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "organizations.api.schema.describe_conventions",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ContactKindEnum": "contacts.models.ContactKind",
        "IdentifierKindEnum": "contacts.models.IdentifierKind",
        "OperationKindEnum": "contacts.models.OperationKind",
        "OperationStatusEnum": "contacts.models.OperationStatus",
        "DoorEnum": "contacts.models.Door",
        "ImportStatusEnum": "imports.models.ImportStatus",
        "ImportModeEnum": "imports.models.ImportMode",
        "ExportStatusEnum": "imports.models.ExportStatus",
        "ExportFormatEnum": "imports.models.ExportFormat",
        "MatchingEnum": "imports.models.Matching",
        "OutcomeEnum": "imports.models.Outcome",
        "SegmentKindEnum": "segments.models.SegmentKind",
        "SegmentStatusEnum": "segments.models.SegmentStatus",
        "RefreshStatusEnum": "segments.models.RefreshStatus",
        "MembershipActionEnum": "segments.models.MembershipAction",
        "MembershipReasonEnum": "segments.models.MembershipReason",
        "SuppressionReasonEnum": "contacts.models.SuppressionReason",
    },
}

# What a line of the log begins with, whoever writes it.
LOG_HEAD: list[Any] = [
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "event"]
            ),
            "foreign_pre_chain": LOG_HEAD,
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "console"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        *LOG_HEAD,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
