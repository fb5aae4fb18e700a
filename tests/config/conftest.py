"""Real servers in data folders of their own; nothing here touches the session's database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.embedded import processes
from config.embedded.layout import BASE_DIR

OUR_VARIABLES = ("DATABASE_URL", "REDIS_URL", "KITH_EMBEDDED", "KITH_UP", "KITH_PROCESS")


class Kith:
    """Runs Kith's commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        kept = {name: value for name, value in os.environ.items() if name not in OUR_VARIABLES}
        self.environment = kept | {
            "KITH_DATA_DIR": str(self.data),
            "KITH_EMBEDDED_FSYNC": "off",
            "PYTHONPATH": str(BASE_DIR),
        }
        self.started: list[subprocess.Popen[str]] = []

    def python(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-c", code], environment)

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "manage.py", *arguments], environment)

    def spawn(self, *command: str) -> subprocess.Popen[str]:
        """Start a program and leave it; its output is read by `says`."""
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def survivors(self) -> list[str]:
        """What runs on this data folder: servers by their paths, children of `up` by their mark."""
        return [" ".join(process.cmdline()) for process in processes.living(self._is_ours)]

    def wait_until_quiet(self) -> bool:
        return processes.wait_until(lambda: not self.survivors(), seconds=120)

    def clean_up(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]
        processes.end(self._is_ours, signals=((signal.SIGKILL, 10.0),))

    def _run(
        self, command: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=BASE_DIR,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def _is_ours(self, process: processes.psutil.Process) -> bool:
        title = " ".join(process.cmdline())
        if title.startswith(("postgres", "redis-server")) or "/postgres -D" in title:
            return str(self.data) in title
        return process.environ().get("KITH_UP") == str(self.data)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def says(process: subprocess.Popen[str], words: str) -> str:
    """Read a program's output until a line has these words; fails when it ends before."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if words in line:
            return line
    pytest.fail(f"never said {words!r}, but:\n{''.join(seen)}")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not tmp_path: pytest makes that one's parents private, and as root the servers' user must pass them."""
    folder = Path(tempfile.mkdtemp(prefix="kith-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def kith(open_folder: Path) -> Iterator[Kith]:
    runner = Kith(open_folder)
    yield runner
    runner.clean_up()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    return lambda condition: processes.wait_until(condition, seconds=120, every=0.1)


def seconds_of(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started
