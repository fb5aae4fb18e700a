"""Periodic tasks, collected from the apps: each `<app>.jobs` may have a list

    PERIODIC = [("imports.sweep", 60, sweep), …]        name, seconds, callable

A task runs in the schedule's own process, one after the other, so it should only look and enqueue.
"""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec

import django_rq
import redis
import structlog
from django.apps import apps
from django.db import Error, close_old_connections, connection
from rq.utils import as_text

# A hash: each task's last start, and the schedule's own last sign of life, in seconds since 1970.
LAST_RUNS = "kith:schedule:last"
BEAT = "beat"
BEAT_SECONDS = 5.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class PeriodicTask:
    name: str
    every: float
    run: Callable[[], object]


def periodic_tasks() -> list[PeriodicTask]:
    """What the installed apps want to have run, in their order."""
    found = [
        PeriodicTask(*entry) for app in apps.get_app_configs() for entry in _declared(app.name)
    ]
    names = [task.name for task in found]
    if len(set(names)) < len(names):
        raise ValueError(f"Two periodic tasks have the same name: {sorted(names)}")
    return found


def _declared(app: str) -> list[tuple[str, float, Callable[[], object]]]:
    if find_spec(f"{app}.jobs") is None:
        return []
    return list(getattr(import_module(f"{app}.jobs"), "PERIODIC", []))


@dataclass
class Scheduler:
    tasks: list[PeriodicTask]
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Run what is due until `stop`; a lost database or Redis is waited out."""
        while not self.stopping.is_set():
            self.run_due()
            self.stopping.wait(1.0)

    def stop(self) -> None:
        self.stopping.set()

    def run_due(self) -> None:
        """Run each task whose time has come, and tell that the schedule lives. Raises nothing."""
        try:
            last_runs = _last_runs()
            _beat(last_runs)
            for task in self.tasks:
                if not self.stopping.is_set() and _is_due(task, last_runs):
                    run_once(task)
        except (Error, redis.RedisError):
            log.exception("schedule.unreachable")


def run_once(task: PeriodicTask) -> bool:
    """Run a due task unless another schedule does or just did; False then. Its failure is logged."""
    close_old_connections()
    with _only_one(task.name) as is_ours:
        if not is_ours or not _is_due(task, _last_runs()):
            return False
        _redis().hset(LAST_RUNS, task.name, str(time.time()))
        try:
            task.run()
        except Exception:
            log.exception("schedule.failed", task=task.name)
        return True


def _last_runs() -> dict[str, float]:
    """When each task, and the schedule's beat, was last."""
    return {as_text(name): float(at) for name, at in _redis().hgetall(LAST_RUNS).items()}


def _beat(last_runs: dict[str, float]) -> None:
    if time.time() - last_runs.get(BEAT, 0) > BEAT_SECONDS:
        _redis().hset(LAST_RUNS, BEAT, str(time.time()))


def _is_due(task: PeriodicTask, last_runs: dict[str, float]) -> bool:
    """Due when its time has passed; also when the clock was set back behind its last run."""
    elapsed = time.time() - last_runs.get(task.name, 0)
    return elapsed >= task.every or elapsed < 0


@contextlib.contextmanager
def _only_one(name: str) -> Iterator[bool]:
    """Hold a task's advisory lock, of the session: it goes with the connection if that is lost."""
    key = lock_key(name)
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [key])
        is_ours = bool(cursor.fetchone()[0])
    try:
        yield is_ours
    finally:
        if is_ours:
            _unlock(key)


def lock_key(name: str) -> int:
    """The number of a task's advisory lock."""
    return int.from_bytes(
        hashlib.sha256(f"kith:schedule:{name}".encode()).digest()[:8], signed=True
    )


def _unlock(key: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [key])
    except Error:
        connection.close()


def _redis() -> "redis.Redis":
    return django_rq.get_connection("default")
