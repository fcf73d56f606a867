"""All settings, read from the environment; docs/operations.md explains each name.

With nothing set the portal runs embedded: SQLite, Celery's filesystem broker and a local
mail catcher, all below var/. That is allowed only while BASE_URL's host is localhost:
a forgotten variable must not put a production site on SQLite.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE
from django.core.exceptions import ImproperlyConfigured
from js_asset import Script

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env("MOBIPRO_VAR", default=str(BASE_DIR / "var"))).resolve()
BASE_URL = env("BASE_URL", default="http://localhost:8000").rstrip("/")
_base = urlsplit(BASE_URL)
EMBEDDED = _base.hostname in {"localhost", "127.0.0.1"}
HTTPS = _base.scheme == "https"


def _required(name: str, embedded_default: str) -> str:
    """The variable; its default only while embedded."""
    value = env(name, default="")
    if value:
        return value
    if not EMBEDDED:
        raise ImproperlyConfigured(f"{name} must be set: BASE_URL {BASE_URL} is not this machine.")
    return embedded_default


def _key(name: str) -> str:
    """A secret from the environment; embedded, one that is generated once into var/ (mode 0600)."""
    value = _required(name, "")
    if value:
        return value
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    path = VAR_DIR / name.lower()
    try:
        with open(path, "x", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass  # made by an earlier start, or by a process that was faster
    return path.read_text().strip()


SECRET_KEY = _key("SECRET_KEY")
LINK_KEY = _key("LINK_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[_base.hostname, "localhost", "127.0.0.1"] if EMBEDDED else [_base.hostname]
)
CSRF_TRUSTED_ORIGINS = [BASE_URL] if HTTPS else []

INSTALLED_APPS = [
    "mobipro.apps.MobiProConfig",
    "mobipro.outbox",
    "regions",
    "meetings",
    "practices",
    "documentation",
    "mobipro.apps.CoordinationAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rules.apps.AutodiscoverRulesConfig",  # imports each app's rules.py
    "simple_history",
    "import_export",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "django_prose_editor",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mobipro.headers.HeadersMiddleware",
    "mobipro.headers.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "regions.accounts.SecondFactorMiddleware",
]

ROOT_URLCONF = "mobipro.urls"
WSGI_APPLICATION = "mobipro.wsgi.application"
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
                "mobipro.context.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- database: PostgreSQL in production, SQLite embedded -----------------------------------------
DATABASES = {"default": env.db_url_config(_required("DATABASE_URL", f"sqlite:///{VAR_DIR}/mobipro.sqlite3"))}
_database = DATABASES["default"]
SQLITE = "sqlite" in _database["ENGINE"]
if SQLITE:
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",  # DEFERRED gives "database is locked" with several writers
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
    _database.setdefault("OPTIONS", {})["connect_timeout"] = 5
BACKUP_DIR = env("BACKUP_DIR", default="")  # where deploy/backup writes; the page "Betrieb" looks there
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- background work -----------------------------------------------------------------------------
REDIS_URL = _required("REDIS_URL", "")
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"mobipro.outbox.*": {"queue": "mail"}, "documentation.tasks.render_*": {"queue": "pdf"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/Berlin"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
# Every entry names a task in some app's tasks.py; times are seconds. Static: nobody edits it at run time.
CELERY_BEAT_SCHEDULE = {
    "outbox-sweep": {"task": "mobipro.outbox.tasks.sweep", "schedule": 15.0},
    "documentation-sweep": {"task": "documentation.tasks.sweep", "schedule": 30.0},
    "meetings-mailbox": {"task": "meetings.tasks.fetch_mail", "schedule": 60.0},
    "retention": {"task": "mobipro.tasks.erase", "schedule": 86400.0},
    "meetings-clock": {"task": "meetings.tasks.clock", "schedule": 300.0},
    "documentation-digests": {"task": "documentation.tasks.write_digests", "schedule": 3600.0},
    "regions-clock": {"task": "regions.tasks.clock", "schedule": 3600.0},
}
if REDIS_URL:
    CELERY_BROKER_URL = f"{REDIS_URL.rstrip('/')}/0"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
    }
    # A database number of its own: cache.clear() is FLUSHDB and would wipe the queue.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": f"{REDIS_URL.rstrip('/')}/1",
            "OPTIONS": {"socket_timeout": 3, "socket_connect_timeout": 2},
        }
    }
else:
    BROKER_DIR = VAR_DIR / "broker"
    for _name in ("queue", "processed", "control"):
        (BROKER_DIR / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}
CELERY_TASK_PUBLISH_RETRY = False  # a form is saved even with the broker down; the sweepers find the row

# --- mail ----------------------------------------------------------------------------------------
_email = env.email_url_config(_required("EMAIL_URL", "smtp://localhost:8025"))
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "mobipro.outbox.backend.OutboxBackend"  # allauth's mails become rows like all others
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default="MobiPro-EU Vernetzung <vernetzung@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
RELAY_LOG = env("RELAY_LOG", default="")
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS", default="")  # delivery reports come to bounce+…@; empty: to the sender
INBOUND_URL = env("INBOUND_URL", default="")  # imaps://user:password@host/INBOX: answers and delivery reports
INBOUND_AUTHSERV_ID = env("INBOUND_AUTHSERV_ID", default="")  # whose Authentication-Results are believed
RETENTION_YEARS = env.int("RETENTION_YEARS", default=10)  # proof of who took part; then counts only
SEND_DELAY_SECONDS = env.int("SEND_DELAY_SECONDS", default=120)  # bulk mail waits this long; "Anhalten" is possible
MAIL_WEB_URL = env("MAIL_WEB_URL", default="")  # where the demo's mails can be read; shown on the demo notice

# --- people and sessions -------------------------------------------------------------------------
AUTH_USER_MODEL = "regions.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not EMBEDDED)
ACCOUNT_ADAPTER = "regions.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "regions.forms.InvitedSignupForm", "add_email": "regions.forms.OwnAddressForm"}
ACCOUNT_CHANGE_EMAIL = True  # one address a person: login, mails and address book use the same
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = EMBEDDED
MFA_TOTP_ISSUER = "MobiPro-EU"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_FAILURE_VIEW = "mobipro.views.csrf_failure"

# --- language, time, files -----------------------------------------------------------------------
LANGUAGE_CODE = "de"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
_PACKED = ["jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2"]
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*_PACKED, "map", "ttf"]  # the last two are never asked for by browsers
STORAGES = {
    # Not served by any address: mobipro.files.serve() checks first.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "files")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR_DIR / "files"
MEDIA_URL = ""
X_ACCEL_PREFIX = env("X_ACCEL_PREFIX", default="")  # nginx's internal location of MEDIA_ROOT
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- browser security ----------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],  # the nonce appears only where the editor's import map asks for it
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'self'"],
        "manifest-src": ["'self'"],
    },
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HTTPS:
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=True) else None

# The documentation sections' editor: static/js/section-editor.js.
DJANGO_PROSE_EDITOR_PRESETS = {"section": [Script("js/section-editor.js", type="module")]}

SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "kombu.connection": {"level": "ERROR"},  # it misses a host name in filesystem://
        "django.request": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
