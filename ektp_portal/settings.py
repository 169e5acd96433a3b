"""Every setting of the portal, typed and read from the environment; README's configuration table describes each variable.

`make run` writes what it generated (addresses of the embedded servers, keys) to `var/portal.env`, which is read
here, so that `manage.py shell` beside a running portal uses the same servers. The real environment always wins.
"""

import base64
import json
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError, validate
from redis.backoff import NoBackoff
from redis.retry import Retry

from recording.policy.bounce import LONGEST_MAILBOX
from recording.policy.quiet_hours import QuietHours

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(eager=False)
STATE_DIR = Path(env.str("PORTAL_STATE", None) or BASE_DIR / "var")
if (STATE_DIR / "portal.env").is_file():
    env.read_env(str(STATE_DIR / "portal.env"), recurse=False)


def _keyring(value: str) -> dict[int, bytes]:
    """`"2:<base64>,1:<base64>"` -> {2: 32 bytes, 1: 32 bytes}; the first key encrypts, the others only decrypt."""
    keyring = {}
    for entry in value.split(","):
        number, _, encoded = entry.strip().partition(":")
        key = base64.b64decode(encoded, validate=True)
        if not number.isdigit() or not 0 < int(number) < 256 or len(key) != 32:
            raise ValueError("expected 'number:base64 of 32 bytes', number 1-255, separated by commas")
        keyring[int(number)] = key
    return keyring


def _key(value: str) -> bytes:
    """Base64 of 32 bytes -> those bytes."""
    key = base64.b64decode(value, validate=True)
    if len(key) != 32:
        raise ValueError("expected base64 of 32 bytes")
    return key


def _parse(name: str, convert, *default: str):
    """The variable `name` through `convert`; a bad value joins environs' list of wrong variables."""

    def parser(value, **_kwargs):
        try:
            return convert(value)
        except ValueError as error:
            raise EnvValidationError(f"{error}", [f"{error}"]) from error

    env.add_parser(f"{name.lower()}_value", parser)
    return getattr(env, f"{name.lower()}_value")(name, *default)


PORTAL_ENV = env.str("PORTAL_ENV", "development", validate=validate.OneOf(["development", "test", "production"]))
IS_PRODUCTION = PORTAL_ENV == "production"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = _parse("FIELD_ENCRYPTION_KEYS", _keyring)
BLIND_INDEX_KEY = _parse("BLIND_INDEX_KEY", _key)
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000")
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", sorted(LOOPBACK))
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=3))

DATABASES = {"default": env.dj_db_url("DATABASE_URL")}
DATABASES["default"] = {
    **(DATABASES["default"] or {}),
    "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "tcp_user_timeout": 5000,
        "options": "-c lock_timeout=3s -c idle_in_transaction_session_timeout=60s",
    }
)
REDIS_URL = env.str("REDIS_URL")


def _json(value: str, kind: type, expected: str):
    """`value` as JSON of one kind."""
    document = json.loads(value)
    if not isinstance(document, kind):
        raise ValueError(f"expected a JSON {expected}")
    return document


def _headers(value: str) -> dict[str, str]:
    """`{"Authorization": "Bearer ..."}`"""
    return {f"{name}": f"{content}" for name, content in _json(value or "{}", dict, "object").items()}


def _template(value: str) -> dict:
    """`{"to": "{to}", "message": "{text}"}`"""
    return _json(value, dict, "object")


def _bounce_address(value: str) -> str:
    """Mailbox and domain, short enough for the key of a message to fit in between; empty: nothing comes back."""
    mailbox, at, domain = value.partition("@")
    if value and not (mailbox and at and domain and len(mailbox) <= LONGEST_MAILBOX and "+" not in mailbox):
        raise ValueError(f"expected an address without '+', with at most {LONGEST_MAILBOX} characters before the @")
    return value


def _words(name: str, default: list[str]) -> list[str]:
    return [word.strip().lower() for word in env.list(name, default)]


def _text_gateway(prefix: str) -> dict:
    """What carries the messages of one channel: the variables that begin with `prefix`, as `recording.gateways.text`
    wants them."""
    return {
        "gateway": env.str(f"{prefix}_GATEWAY", "none", validate=validate.OneOf(["none", "json", "apprise"])),
        "url": env.str(f"{prefix}_URL", ""),
        "headers": _parse(f"{prefix}_HEADERS", _headers, "{}"),
        "body": _parse(f"{prefix}_BODY", _template, '{"to": "{to}", "message": "{text}", "reference": "{key}"}'),
        "success_path": env.str(f"{prefix}_SUCCESS_PATH", ""),
        "success_values": _words(f"{prefix}_SUCCESS_VALUES", ["true", "ok", "success", "queued", "accepted", "0"]),
        "refused_values": _words(f"{prefix}_REFUSED_VALUES", []),
        "id_path": env.str(f"{prefix}_ID_PATH", "id"),
        "timeout": env.int(f"{prefix}_TIMEOUT", 10, validate=validate.Range(min=1, max=30)),
        "report_secret": env.str(f"{prefix}_REPORT_SECRET", ""),
        "report_id_path": env.str(f"{prefix}_REPORT_ID_PATH", "id"),
        "report_status_path": env.str(f"{prefix}_REPORT_STATUS_PATH", "status"),
        "report_delivered": _words(f"{prefix}_REPORT_DELIVERED", ["delivered", "read"]),
        "report_failed": _words(
            f"{prefix}_REPORT_FAILED", ["failed", "undelivered", "undeliverable", "rejected", "expired"]
        ),
    }


# Messages: `file` writes them under STATE_DIR/messages (demo only), `smtp` sends e-mail for real and text messages by
# the gateways below.
MESSAGE_CHANNEL = env.str("MESSAGE_CHANNEL", "file", validate=validate.OneOf(["file", "smtp"]))
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@ktpel.example")
BOUNCE_ADDRESS = _parse("BOUNCE_ADDRESS", _bounce_address, "")
TEXT_GATEWAYS = {"sms": _text_gateway("SMS"), "whatsapp": _text_gateway("WHATSAPP")}
PHONE_CHANNEL = env.str("PHONE_CHANNEL", "sms", validate=validate.OneOf(["sms", "whatsapp"]))
# Nobody gets more a day, and nothing in the evening and night, but what is urgent: a stall, a recording to repeat.
QUIET_HOURS = _parse("QUIET_HOURS", QuietHours.parse, "21:00-07:00")
MESSAGES_PER_DAY = env.int("MESSAGES_PER_DAY", 3, validate=validate.Range(min=1, max=50))

# Staff prove themselves by a number from an authenticator app too; required in production, of choice elsewhere.
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", IS_PRODUCTION)

DEMO_PASSWORD = env.str("DEMO_PASSWORD", "demo-kudus")
DEMO_RESIDENTS = env.int("DEMO_RESIDENTS", 5000, validate=validate.Range(min=0))  # 0: start with an empty register

env.seal()

if IS_PRODUCTION:
    unsafe = [
        reason
        for reason, is_unsafe in {
            "DEBUG: must be off": DEBUG,
            "SECRET_KEY: at least 50 characters drawn at random": len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 16,
            "BLIND_INDEX_KEY: must differ from the encryption keys": BLIND_INDEX_KEY in FIELD_ENCRYPTION_KEYS.values(),
            "ALLOWED_HOSTS: name the portal's own host": "*" in ALLOWED_HOSTS or not set(ALLOWED_HOSTS) - LOOPBACK,
            "SITE_URL: must begin with https://": not SITE_URL.startswith("https://"),
            "MESSAGE_CHANNEL: 'file' tells nobody; use smtp": MESSAGE_CHANNEL == "file",
            **{
                f"{channel.upper()}_{problem}": wrong
                for channel, gateway in TEXT_GATEWAYS.items()
                for problem, wrong in {
                    "URL: must begin with https://": gateway["gateway"] == "json"
                    and not gateway["url"].startswith("https://"),
                    "URL: apprise needs the address of a service": gateway["gateway"] == "apprise"
                    and not gateway["url"],
                    "REPORT_SECRET: at least 32 characters": 0 < len(gateway["report_secret"]) < 32,
                }.items()
            },
            "REQUIRE_SECOND_FACTOR: staff need one; unset it": not REQUIRE_SECOND_FACTOR,
            "DEMO_PASSWORD: demo logins do not exist in production; unset it": DEMO_PASSWORD != "demo-kudus",
        }.items()
        if is_unsafe
    ]
    if unsafe:
        raise ImproperlyConfigured("PORTAL_ENV=production refuses: " + "; ".join(unsafe))

ROOT_URLCONF = "ektp_portal.urls"
WSGI_APPLICATION = "ektp_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "ektp_portal.apps.PortalConfig",
    "issuance.apps.IssuanceConfig",
    "recording.apps.RecordingConfig",
    "whitenoise.runserver_nostatic",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "lucide",
    "pgtrigger",
    "phonenumber_field",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ektp_portal.middleware.CompressResidentPages",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ektp_portal.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "ektp_portal.middleware.PlainWrongMethod",
    "axes.middleware.AxesMiddleware",
    "recording.middleware.StaffGate",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ektp_portal.navigation.navigation",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "ektp_portal.stylesheets.StylesheetFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PORTAL_ENV == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

AUTH_USER_MODEL = "recording.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if PORTAL_ENV == "test"
    else ["recording.hashers.PortalArgon2PasswordHasher"]
)
LOGIN_URL = "/petugas/masuk/"
LOGIN_REDIRECT_URL = "/petugas/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"  # in the database: people sign in while the cache is down
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "recording.views.public.address_of"
AXES_LOCKOUT_CALLABLE = "recording.views.staff_login.too_many_sign_ins"

# Sessions are rows (a restart of the cache must not log out every counter), their content is encrypted.
SESSION_ENGINE = "recording.sessions"
SESSION_COOKIE_NAME = "__Host-sid" if IS_PRODUCTION else "sid"
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if IS_PRODUCTION else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = IS_PRODUCTION
CSRF_FAILURE_VIEW = "ektp_portal.views.errors.csrf_failure"

SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_HSTS_SECONDS = 63072000 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "manifest-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {"camera": [], "geolocation": [], "microphone": [], "payment": [], "usb": []}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300
LARGEST_REQUEST = 21 * 2**20  # bytes: the largest list and the form around it, as in deploy/nginx.conf
FILE_UPLOAD_HANDLERS = [
    "recording.uploads.RefuseHugeRequest",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{REDIS_URL}",
        # A cache that does not answer must not make people wait: no page needs it.
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
    }
}

PHONENUMBER_DEFAULT_REGION = "ID"
PHONENUMBER_DB_FORMAT = "E164"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask_personal_numbers": {"()": "recording.logging.MaskPersonalNumbers"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["mask_personal_numbers"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    # Apprise writes addresses into its log; what came of each message is in the outbox.
    "loggers": {"axes": {"level": "WARNING"}, "apprise": {"level": "CRITICAL", "propagate": False}},
}
