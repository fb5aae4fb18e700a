"""Starts everything, watches it, and stops everything."""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import django_rq
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import DatabaseError, connections
from django.http.request import validate_host
from rq import Worker

from config import embedded
from config.embedded import EmbeddedError, processes
from config.embedded.errors import log_tail
from config.embedded.layout import BASE_DIR, made_data_dir
from config.embedded.locks import FileLock

from .address import Address
from .children import Child, is_marked

# The order is the priority: what a person waits for comes before bulk work.
QUEUES = ("changes", "default", "imports")
START_SECONDS = 60.0
WEB_STOP_SECONDS = 10.0
# A job's slice ends within 20 s.
WORKER_STOP_SECONDS = 25.0
# Idle workers report within that time, so one that was killed is noticed soon.
WORKER_TTL_SECONDS = 60


class Interrupted(BaseException):
    """A signal asked `up` to stop; not an Exception, so that nothing on the way takes it for a failure."""


@dataclass
class Supervisor:
    address: Address
    workers: int
    with_demo: bool
    say: Callable[[str], None]
    children: list[Child] = field(default_factory=list)
    is_stopping: bool = False
    is_in_haste: bool = False

    def run(self) -> None:
        """Return after a signal, with everything stopped. Raises EmbeddedError when the start fails."""
        with self._signals(), contextlib.suppress(Interrupted), self._alone():
            try:
                self._start()
                self._watch()
            finally:
                self.is_stopping = True
                self.say("Stopping…")
                self._stop()
        self.say("Stopped.")

    def _start(self) -> None:
        processes.end(is_marked(self._mark), signals=processes.GENTLY_THEN_HARD)
        self.address.require_free()
        embedded.ensure()
        self._migrate()
        forget_dead_workers()
        self.children = self._planned_children()
        for child in self.children:
            child.start()
        self._wait_until_healthy()
        login = self._load_demo() if self.with_demo and "seed_demo" in get_commands() else ""
        self.say(f"Ready on {self.address.url}")
        self.say(f"{login}Logs are in {self._logs}. Ctrl-C stops everything.")

    def _watch(self) -> None:
        while True:
            self._revive()
            time.sleep(0.5)

    def _stop(self) -> None:
        """Web first, so that no request is lost halfway; then workers and schedule; then the servers if they are ours."""
        web = [child for child in self.children if child.name == "web"]
        self._end(web, WEB_STOP_SECONDS)
        self._end([child for child in self.children if child not in web], WORKER_STOP_SECONDS)
        processes.end(is_marked(self._mark), signals=((signal.SIGKILL, 5.0),))
        connections.close_all()
        embedded.leave()

    def _end(self, children: list[Child], patience: float) -> None:
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + patience
        while any(child.process and child.exit_code() is None for child in children):
            if self.is_in_haste or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        for child in children:
            child.kill()

    def _planned_children(self) -> list[Child]:
        web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
        web += ["--host", self.address.host, "--port", str(self.address.port)]
        web += ["--workers", "1", "--blocking-threads", "8", "--workers-kill-timeout", "8"]
        worker = [*manage("rqworker"), *QUEUES, "--serializer", "rq.serializers.JSONSerializer"]
        worker += ["--worker-ttl", str(WORKER_TTL_SECONDS)]
        names = [f"worker-{number}" for number in range(1, self.workers + 1)]
        return [
            self._child(
                "web", [*web, "--respawn-failed-workers", "config.wsgi:application"], kind="web"
            ),
            *(self._child(name, worker, kind="worker") for name in names),
            self._child("schedule", manage("schedule"), kind="schedule"),
        ]

    def _child(self, name: str, command: list[str], *, kind: str) -> Child:
        search_path = filter(None, [str(BASE_DIR), os.environ.get("PYTHONPATH")])
        environment = {"KITH_PROCESS": kind, "PYTHONPATH": os.pathsep.join(search_path)}
        if sys.platform == "darwin":
            # A forked job ends at its first call into Apple's libraries otherwise.
            environment["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
        return Child(name, command, self._logs, self._mark, environment)

    def _migrate(self) -> None:
        self.say("Migrating the database…")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as error:
            raise EmbeddedError(
                f"The database can't be migrated: {str(error).strip()}\n"
                "Check DATABASE_URL if it is set; `python manage.py migrate` tells more."
            ) from error
        finally:
            connections.close_all()

    def _wait_until_healthy(self) -> None:
        self.say("Starting web server, workers and schedule…")
        web = self.children[0]
        deadline = time.monotonic() + START_SECONDS
        while not self.address.is_healthy(self._host_header()):
            if web.exit_code() is not None or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"The web server does not start on {self.address.url}. The end of {web.log}:{log_tail(web.log)}\n"
                    "Mend that and run `up` again."
                )
            self._revive(besides=web)
            time.sleep(0.1)

    def _load_demo(self) -> str:
        """What the demo command printed. Its failure is told, and does not stop the rest."""
        self.say("Loading the demo…")
        demo = self._child("demo", manage("seed_demo"), kind="demo")
        demo.log.unlink(missing_ok=True)
        self.children.append(demo)
        demo.start()
        while (code := demo.exit_code()) is None:
            self._revive(besides=demo)
            time.sleep(0.1)
        self.children.remove(demo)
        if code == 0:
            return demo.log.read_text(errors="replace")
        self.say(f"The demo could not be loaded. The end of {demo.log}:{log_tail(demo.log)}")
        return ""

    def _revive(self, *, besides: Child | None = None) -> None:
        for child in self.children:
            message = child.revive() if child is not besides else None
            if message:
                self.say(message)

    def _host_header(self) -> str:
        """A Host that settings allow, for setups that only allow their public name."""
        allowed = settings.ALLOWED_HOSTS or ["127.0.0.1"]
        own = self.address.reachable_host
        return own if validate_host(own, allowed) else allowed[0].lstrip(".")

    @property
    def _mark(self) -> str:
        return str(embedded.data_dir())

    @property
    def _logs(self) -> Path:
        return embedded.data_dir() / "logs"

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the data folder's `up` lock. Raises EmbeddedError when another `up` has it."""
        data = made_data_dir()
        lock = FileLock(data / "up.lock")
        if not lock.take(exclusive=True):
            raise EmbeddedError(
                f"Another `manage.py up` already runs on the data folder {data}.\n"
                "Stop that one (Ctrl-C in its terminal), or set KITH_DATA_DIR to another folder."
            )
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """The first signal raises Interrupted; while stopping, another one makes haste."""
        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.is_stopping:
            self.is_in_haste = True
            return
        self.is_stopping = True
        raise Interrupted


def manage(command: str) -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), command]


def forget_dead_workers() -> None:
    """Remove this machine's workers that `kill -9` left registered: queues would count them for minutes."""
    for worker in Worker.all(connection=django_rq.get_connection("default")):
        if (
            worker.hostname == socket.gethostname()
            and worker.pid
            and not processes.exists(worker.pid)
        ):
            worker.register_death()
