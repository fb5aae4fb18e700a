"""Before anything reads the settings: the embedded servers, in the tests' own data folder."""

import os
from pathlib import Path

os.environ.setdefault("KITH_DATA_DIR", str(Path(__file__).parent / ".test-data"))
os.environ.setdefault("KITH_EMBEDDED_FSYNC", "off")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config import embedded

embedded.ensure()

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker:
    number = int(_worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
