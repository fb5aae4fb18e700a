"""What /healthz tells."""

import json
import time

import django_rq
import pytest
from django.test import RequestFactory

from config import health
from config.schedule import BEAT, LAST_RUNS

pytestmark = pytest.mark.django_db


def ask() -> tuple[int, dict[str, str]]:
    response = health.healthz(RequestFactory().get("/healthz"))
    return response.status_code, json.loads(response.content)


@pytest.fixture(autouse=True)
def _nothing_runs() -> None:
    django_rq.get_connection("default").delete(LAST_RUNS, "rq:workers")


def test_workers_and_schedule_are_reported_without_failing_the_check() -> None:
    status, answer = ask()
    assert status == 200
    assert answer == {
        "database": "ok",
        "redis": "ok",
        "workers": "no worker runs",
        "schedule": "has never run",
    }


def test_a_silent_schedule_is_told_apart_from_a_living_one() -> None:
    server = django_rq.get_connection("default")
    server.hset(LAST_RUNS, BEAT, time.time())
    assert ask()[1]["schedule"] == "ok"
    server.hset(LAST_RUNS, BEAT, time.time() - 90)
    assert ask()[1]["schedule"] == "silent for 90 s"


def test_a_worker_that_no_longer_reports_does_not_count() -> None:
    server = django_rq.get_connection("default")
    server.sadd("rq:workers", "rq:worker:gone")
    assert ask()[1]["workers"] == "no worker runs"
    server.hset("rq:worker:gone", "birth", "now")
    assert ask()[1]["workers"] == "ok"
    server.delete("rq:worker:gone", "rq:workers")


def test_an_unreachable_server_is_503_and_tells_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise ConnectionRefusedError("10.0.0.7:5432")

    monkeypatch.setattr(health, "_database", fail)
    status, answer = ask()
    assert (status, answer["database"], answer["redis"]) == (503, "unreachable", "ok")
