"""A real RQ worker in a process of its own, and the memory that it and its children took."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Worker:
    """A running worker; `peak_kb` is the largest resident size that one of its processes reached."""

    process: subprocess.Popen[bytes]
    peak_kb: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def watch(self) -> None:
        while not self.stopped.wait(0.05):
            self.peak_kb = max([self.peak_kb, *map(peak_of, self._pids())])

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [self.process.pid, *map(int, children.read_text().split())]
        except OSError:
            return []


def peak_of(pid: int | str = "self") -> int:
    """The largest resident size that a process reached, in kB; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in status.splitlines() if line.startswith("VmHWM"))
    return next((int(line[1]) for line in lines), 0)


@contextmanager
def running_worker(*queues: str) -> Iterator[Worker]:
    """A worker on some queues for the block; it is ended, by its id, afterwards."""
    command = [sys.executable, "manage.py", "rqworker", *queues]
    command += ["--serializer", "rq.serializers.JSONSerializer", "--verbosity", "0"]
    worker = Worker(subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL))
    watcher = threading.Thread(target=worker.watch, daemon=True)
    watcher.start()
    try:
        yield worker
    finally:
        worker.stopped.set()
        watcher.join()
        worker.process.send_signal(signal.SIGTERM)
        worker.process.wait(timeout=60)
