"""Real workers for tests that kill them, each a process that was forked from one that has loaded Django.

`python -m tests.nursery QUEUE…` starts a worker for each line that it reads, exactly as `manage.py rqworker` does,
and prints its process id. When its input ends, as it does when the test ends or is killed itself, it kills the
workers that it started, and their work-horses, by their ids.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import psutil

from tests.processes import children_of, kill_tree


@dataclass
class Worker:
    """A worker process; the job itself runs in its child, the work-horse."""

    process: psutil.Process

    def horses(self) -> list[psutil.Process]:
        return children_of(self.process)

    def kill(self) -> int:
        """`kill -9` of the worker and of its work-horse; returns how many processes that ended."""
        return kill_tree(self.process)


@dataclass
class Nursery:
    """Starts workers, and knows those that live."""

    process: subprocess.Popen[str]
    log: IO[str]
    workers: list[Worker] = field(default_factory=list)

    def start_worker(self) -> Worker:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"The nursery has died: {self.output()}"
        worker = Worker(psutil.Process(int(line)))
        self.workers.append(worker)
        return worker

    def output(self) -> str:
        """What the workers have said, for the message of a test that fails."""
        self.log.seek(0)
        return self.log.read()[-4000:]


@contextmanager
def running_nursery(*queues: str) -> Iterator[Nursery]:
    """A nursery on the test's own database and Redis; nothing that it started outlives the block."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery", *queues],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=os.environ | environment_of_tests(),
        )
        try:
            with process:
                yield Nursery(process, log)
                assert process.stdin
                process.stdin.close()
                process.wait(timeout=120)
        finally:
            process.kill()


def environment_of_tests() -> dict[str, str]:
    """The database and the files that the tests use."""
    from django.core.files.storage import default_storage

    return {
        "DATABASE_URL": database_url(),
        "KITH_FILES_DIR": str(default_storage.location),
        "LOG_LEVEL": "ERROR",
    }


def database_url() -> str:
    """The address of the database that the tests use."""
    from django.db import connection

    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


def main(queues: list[str]) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Nobody waits for the workers: without this the dead ones would stay on as zombies.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    workers: list[Worker] = []
    try:
        for _ in sys.stdin:
            pid = os.fork()
            if pid == 0:
                _become_worker(queues)
            workers.append(Worker(psutil.Process(pid)))
            print(pid, flush=True)  # noqa: T201
    finally:
        for worker in workers:
            worker.kill()


def _become_worker(queues: list[str]) -> None:
    from django.core.management import call_command

    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        silence = os.open(os.devnull, os.O_RDWR)
        os.dup2(silence, 0)
        os.dup2(silence, 1)
        serializer = "--serializer=rq.serializers.JSONSerializer"
        call_command("rqworker", *queues, serializer, "--worker-ttl=60", "--verbosity=0")
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
