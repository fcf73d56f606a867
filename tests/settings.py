"""The one exception to "one settings file": faster hashing, plain static files, a broker that nobody reads."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("MOBIPRO_VAR", tempfile.mkdtemp(prefix="mobipro-tests-"))

from mobipro.settings import *  # noqa: E402, F403
from mobipro.settings import DATABASES, SQLITE, STORAGES, VAR_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
SECOND_FACTOR_REQUIRED = False
if SQLITE:
    # A file, not memory: threads of one test share it like processes would.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(VAR_DIR) / "test.sqlite3")}
