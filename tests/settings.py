"""The one exception to "one settings file": faster hashing, plain static files, a broker that nobody reads."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Each test process has a var folder of its own; processes that a test starts share it.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("MOBIPRO_TESTS") != _worker:
    _parent = os.environ.get("MOBIPRO_VAR") or None
    if _parent:
        Path(_parent).mkdir(parents=True, exist_ok=True)
    os.environ["MOBIPRO_VAR"] = tempfile.mkdtemp(prefix="mobipro-tests-", dir=_parent)
    os.environ["MOBIPRO_TESTS"] = _worker
    atexit.register(shutil.rmtree, os.environ["MOBIPRO_VAR"], ignore_errors=True)

from mobipro.settings import *  # noqa: E402, F403
from mobipro.settings import CACHES, DATABASES, REDIS_URL, SQLITE, STORAGES, VAR_DIR  # noqa: E402

(Path(VAR_DIR) / "static").mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
SECOND_FACTOR_REQUIRED = False
if SQLITE:
    # A file, not memory: threads of one test share it like processes would.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(VAR_DIR) / "test.sqlite3")}
if REDIS_URL:
    # One database a worker: cache.clear() in one test must not empty another's. Redis has 16; 0 and 1 are the portal's.
    _number = 2 + int(_worker.removeprefix("gw") if _worker != "main" else 0) % 14
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rstrip('/')}/{_number}"
