"""One child of `up`: a program in a session of its own, its output in a log, started again when it dies."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from config.embedded import processes
from organizations.parent_death import dying_with_parent

MARK = "KITH_UP"
LONGEST_PAUSE = 30.0
# Who lived that long has not failed at its start.
STEADY_SECONDS = 60.0
LARGEST_LOG = 20 * 1024 * 1024


@dataclass
class Child:
    name: str
    command: list[str]
    logs: Path
    mark: str
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float | None = None

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    def start(self) -> None:
        """Start it. Only from the main thread: the parent-death signal is sent when the starting thread ends."""
        self._rotate_log()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                dying_with_parent(self.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | {MARK: self.mark, "PYTHONUNBUFFERED": "1"} | self.environment,
            )
        self.started, self.due = time.monotonic(), None

    def exit_code(self) -> int | None:
        """Its exit code once it has ended; None while it lives or has not been started."""
        return self.process.poll() if self.process else None

    def revive(self) -> str | None:
        """Call it often: starts the child again after its death and a pause that doubles. A message when it died."""
        if self.due is not None:
            if time.monotonic() >= self.due:
                self.start()
            return None
        code = self.exit_code()
        if code is None:
            return None
        self.kill()
        pause = self._next_pause()
        self.due = time.monotonic() + pause
        return (
            f"{self.name} ended ({_reason(code)}) and starts again in {pause:.0f} s; see {self.log}"
        )

    def ask_to_stop(self) -> None:
        self.due = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill whatever is left of its session, grandchildren in process groups of their own too."""
        if self.process is None:
            return
        processes.send(signal.SIGKILL, processes.living(self._is_in_session))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)

    def _is_in_session(self, process: psutil.Process) -> bool:
        return self.process is not None and os.getsid(process.pid) == self.process.pid

    def _next_pause(self) -> float:
        self.failures = 0 if time.monotonic() - self.started > STEADY_SECONDS else self.failures
        self.failures += 1
        return min(LONGEST_PAUSE, 2.0 ** (self.failures - 1))

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))


def is_marked(mark: str) -> processes.Predicate:
    """Matches what descends from an `up` on this data folder, also after that `up` was killed."""
    return lambda process: process.environ().get(MARK) == mark


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
