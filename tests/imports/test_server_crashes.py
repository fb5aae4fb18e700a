"""`kill -9` of PostgreSQL, of Redis, and of everything at once: the rows in the end are those of calm imports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["postgres", "redis", "machine"])
def test_servers_that_die_at_random_moments(kind: str, tmp_path: Path) -> None:
    own = {"KITH_DATA_DIR": str(tmp_path / "data"), "LOG_LEVEL": "CRITICAL"}
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "KITH_EMBEDDED", "PYTEST_XDIST_WORKER")
    } | own
    command = [sys.executable, "-m", "tests.imports.storm", kind]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=540)
    assert done.returncode == 0, done.stderr[-4000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["kills"] >= 20, told["moments"]
    assert all(told["same"].values()), told["same"]
