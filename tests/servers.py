"""A pytest plugin (`-p tests.servers`): the embedded servers, in the tests' own data folder.

A plugin and not a conftest, since pytest-django reads the settings before any conftest is imported.
Each xdist worker has a database and a Redis number of its own.
"""

import os
from pathlib import Path

os.environ.setdefault("KITH_DATA_DIR", str(Path(__file__).parent.parent / ".test-data"))
os.environ.setdefault("KITH_EMBEDDED_FSYNC", "off")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Small files go through workers too, as the large ones that they stand for; a test of the other way says so.
os.environ.setdefault("IMPORT_SYNC_BYTES", "0")

from config import embedded

embedded.ensure()

worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if worker:
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
