"""Periodic tasks run once per period, whatever fails."""

import contextlib
import time
from collections.abc import Iterator

import django_rq
import pytest
from django.db import connection, connections

from config.schedule import (
    BEAT,
    LAST_RUNS,
    PeriodicTask,
    Scheduler,
    lock_key,
    periodic_tasks,
    run_once,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_last_runs() -> None:
    django_rq.get_connection("default").delete(LAST_RUNS)


def make_task(runs: list[str], name: str = "test.task", every: float = 60) -> PeriodicTask:
    return PeriodicTask(name, every, lambda: runs.append(name))


def test_a_task_runs_once_per_period() -> None:
    runs: list[str] = []
    scheduler = Scheduler([make_task(runs)])
    scheduler.run_due()
    scheduler.run_due()
    assert runs == ["test.task"]
    django_rq.get_connection("default").hset(LAST_RUNS, "test.task", time.time() - 61)
    scheduler.run_due()
    assert runs == ["test.task", "test.task"]


def test_two_schedules_do_not_double_the_work() -> None:
    runs: list[str] = []
    for scheduler in (Scheduler([make_task(runs)]), Scheduler([make_task(runs)])):
        scheduler.run_due()
    assert runs == ["test.task"]


def test_a_task_that_another_schedule_runs_is_left_alone() -> None:
    runs: list[str] = []
    with _held_elsewhere("test.task"):
        assert not run_once(make_task(runs))
    assert run_once(make_task(runs))
    assert runs == ["test.task"]


@contextlib.contextmanager
def _held_elsewhere(name: str) -> Iterator[None]:
    """Another schedule's session holds the task's lock."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [lock_key(name)])
        yield
    other.close()


def test_a_failing_task_stops_neither_the_others_nor_the_schedule() -> None:
    runs: list[str] = []

    def fail() -> None:
        raise ValueError("broken")

    Scheduler([PeriodicTask("test.broken", 60, fail), make_task(runs)]).run_due()
    assert runs == ["test.task"]


def test_a_lost_connection_is_made_anew() -> None:
    runs: list[str] = []

    def lose() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    Scheduler([PeriodicTask("test.lost", 60, lose), make_task(runs)]).run_due()
    assert runs == ["test.task"]


def test_the_schedule_tells_that_it_lives() -> None:
    Scheduler([]).run_due()
    beat = float(django_rq.get_connection("default").hget(LAST_RUNS, BEAT))
    assert abs(time.time() - beat) < 5


def test_tasks_of_the_apps_are_well_formed() -> None:
    assert all(task.every > 0 and callable(task.run) for task in periodic_tasks())
