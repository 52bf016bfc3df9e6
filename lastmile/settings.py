"""The one settings file. Server capability comes from the environment; operating policy lives in the database."""

import sys
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from django.utils.csp import CSP

from lastmile import env
from lastmile.valkey import broker_url, client_url, socket_path

BASE_DIR = Path(__file__).resolve().parent.parent
LASTMILE_HOME = Path(env.text("LASTMILE_HOME", str(BASE_DIR / "var"))).resolve()
CITIES_HOME = LASTMILE_HOME / "cities"

DEBUG = env.boolean("DEBUG", False)
SECRET_KEY = env.made_secret("SECRET_KEY", LASTMILE_HOME / "secret_key")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Addresses a browser may come from, scheme and port included; `manage.py up` adds its own.
ORIGINS = env.words("ORIGINS", ["http://127.0.0.1:8000", "http://localhost:8000"])
CSRF_TRUSTED_ORIGINS = ORIGINS
PUBLIC = env.boolean("PUBLIC", False)  # served over https behind a proxy
# How many of our own proxies a request passes, and where they are: from anybody else X-Forwarded-* is dropped.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 1 if PUBLIC else 0)
PROXY_NETWORKS = env.words("PROXY_NETWORKS", ["127.0.0.0/8", "::1/128"])
TESTING = "pytest" in sys.modules

INSTALLED_APPS = [
    "lastmile.apps.LastmileConfig",  # before leaflet: keeps its GDAL-bound admin module out
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "rest_framework",
    "leaflet",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "dispatch.apps.DispatchConfig",
    "pod.apps.PodConfig",
    "tracking.apps.TrackingConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lastmile.middleware.SignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "lastmile.middleware.PrivatePages",
]

ROOT_URLCONF = "lastmile.urls"
ASGI_APPLICATION = "lastmile.asgi.application"
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
            ]
        },
    }
]

# --- database -------------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL") or f"sqlite:///{LASTMILE_HOME / 'lastmile.sqlite3'}"
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=0)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file also in tests: the in-memory database locks tables, not files, and would hide or invent conflicts.
    DATABASES["default"]["TEST"] = {"NAME": str(LASTMILE_HOME / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        # A read-then-write transaction that begins DEFERRED fails at once with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The log is folded into the file every 4 MB and cut after a peak: one long reader lets it grow to any size,
        # and without a limit it would stay so.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=67108864;",
    }
else:
    # Nobody waits longer for a page; jobs read more at a time, so `up` gives their worker a minute.
    statement_timeout = env.integer("STATEMENT_TIMEOUT_S", 10)
    DATABASES["default"] |= {
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "options": f"-c statement_timeout={statement_timeout}s -c lock_timeout=3s "
            "-c idle_in_transaction_session_timeout=15s"
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Valkey: broker, live push, shared counters, each in a database of its own ----------------------------------
VALKEY_URL = env.text("VALKEY_URL", f"unix://{socket_path(LASTMILE_HOME)}")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": client_url(VALKEY_URL, 3),
        "KEY_PREFIX": "lastmile",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [client_url(VALKEY_URL, 1)], "prefix": "lastmile"},
    }
}
LEDGER_DOORBELL_URL = client_url(VALKEY_URL, 2)

# --- Celery: only a doorbell; the Job row is the truth ----------------------------------------------------------
SOLVE_LIMIT_S = env.integer("SOLVE_LIMIT_S", 120)
# A day of more orders is planned in parts, by the worker that runs it and so many more at a time.
LARGE_DAY_ORDERS = env.integer("LARGE_DAY_ORDERS", 2000)
LARGE_DAY_HANDS = env.integer("LARGE_DAY_HANDS", 1)
CELERY_BROKER_URL = broker_url(VALKEY_URL, 0)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # safe only because attempts are counted in SQL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = SOLVE_LIMIT_S + 65
CELERY_TASK_SOFT_TIME_LIMIT = SOLVE_LIMIT_S + 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_500_000  # KiB
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3 * CELERY_TASK_TIME_LIMIT,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_BEAT_SCHEDULE = {
    "reconcile-jobs": {"task": "lastmile.tasks.reconcile", "schedule": 5.0, "options": {"expires": 5}},
    "watch-roads": {"task": "tracking.tasks.watch", "schedule": 5.0, "options": {"expires": 5}},
    "sweep-uploads": {
        "task": "dispatch.tasks.sweep_uploads",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "retention": {
        "task": "dispatch.tasks.keep_retention",
        "schedule": crontab(
            minute=17
        ),  # once a day goes through; one cut short, or missed, goes on an hour later
        "options": {"expires": 3600},
    },
    "make-recurring": {
        "task": "dispatch.tasks.make_recurring",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "refresh-roads": {"task": "dispatch.tasks.refresh_roads", "schedule": 30.0, "options": {"expires": 30}},
    "close-days": {"task": "dispatch.tasks.close_days", "schedule": 60.0, "options": {"expires": 60}},
}
CELERY_TIMEZONE = "UTC"

# --- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "lastmile.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_RESET_TIMEOUT = 24 * 3600
OTP_TOTP_ISSUER = "Lastmile"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
SESSION_COOKIE_AGE = 12 * 3600  # where nothing else is set at sign-in (lastmile.sign_ins)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Over plain http (a first look on one's own machine) a Secure cookie would never come back.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC
SESSION_COOKIE_NAME = "__Host-session" if PUBLIC else "lastmile_session"
CSRF_COOKIE_NAME = "__Host-csrf" if PUBLIC else "lastmile_csrf"

# Where people reach this installation: the beginning of every link in a message.
SITE_URL = env.text("LASTMILE_URL", ORIGINS[0] if ORIGINS else "").rstrip("/")

# --- mail: smtp://user:password@host:587 (starttls), smtps://...:465; empty: links are shown to be copied ---------
MAIL = env.mail("EMAIL_URL")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = (MAIL.host, MAIL.port) if MAIL else ("", 0)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (MAIL.user, MAIL.password) if MAIL else ("", "")
EMAIL_USE_SSL, EMAIL_USE_TLS = (MAIL.ssl, MAIL.starttls) if MAIL else (False, False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "lastmile@localhost")

# --- headers ----------------------------------------------------------------------------------------------------
TILE_URL = env.text("TILE_URL", "")  # an online raster tile address; off by default, nothing foreign is asked
OSRM_URL = env.text("OSRM_URL", "")  # a remote osrm-routed; empty: the city's own datasets, in process
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    # Leaflet positions by style attributes set from script (CSSOM), which CSP allows; none stand in markup.
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", *env.origin(TILE_URL)],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PUBLIC
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PUBLIC
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC else None
X_FRAME_OPTIONS = "DENY"

# --- limits -----------------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    24 * 2**20
)  # the per-path limits are kept by lastmile.server before Django reads
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 5
# Connections one address may hold open before it has signed in to a live screen; 0: no limit (behind a proxy).
CONNECTIONS_PER_ADDRESS = env.integer("CONNECTIONS_PER_ADDRESS", 0 if PUBLIC else 256)

# --- pages ------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = LASTMILE_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "lastmile.staticfiles.NpmFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "lastmile.staticfiles.ModuleManifestStorage"
    },
}
MEDIA_ROOT = LASTMILE_HOME / "media"
WHITENOISE_USE_FINDERS = DEBUG or TESTING
LEAFLET_CONFIG = {"RESET_VIEW": False, "TILES": []}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dispatch.api.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["dispatch.api.json.StrictJSON"],
    "DEFAULT_PAGINATION_CLASS": "lastmile.api.Pages",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "lastmile.api.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "lastmile.logs.Redacted", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.channels.server": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "django.db.backends": {"level": "INFO"},
    },
}
SILENCED_SYSTEM_CHECKS = (
    [] if PUBLIC else ["security.W004", "security.W008", "security.W012", "security.W016"]
)  # plain http on one's own machine; behind https (PUBLIC) every one of them is checked
