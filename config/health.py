"""/healthz: what answers, for load balancers, `manage.py up` and people."""

import time
from collections.abc import Callable

import django_rq
import redis
import structlog
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rq import Worker

from config.schedule import BEAT, LAST_RUNS

OK = "ok"
SILENT_SECONDS = 60
log = structlog.get_logger(__name__)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """`{database, redis, workers, schedule}`, each "ok" or why not; 503 unless database and Redis answer.

    Reasons are short and tell no addresses: anybody may ask.
    """
    checks = (
        ("database", _database),
        ("redis", _redis),
        ("workers", _workers),
        ("schedule", _schedule),
    )
    answer = {name: _guarded(name, check) for name, check in checks}
    is_serving = answer["database"] == answer["redis"] == OK
    return JsonResponse(answer, status=200 if is_serving else 503)


def _guarded(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except (Error, redis.RedisError, OSError):
        log.warning("health.unreachable", check=name, exc_info=True)
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return OK


def _redis() -> str:
    django_rq.get_connection("default").ping()
    return OK


def _workers() -> str:
    """A worker's key expires when it stops reporting; its name in the set of all workers does not."""
    server = django_rq.get_connection("default")
    keys = Worker.all_keys(connection=server)
    return OK if keys and server.exists(*keys) else "no worker runs"


def _schedule() -> str:
    beat = django_rq.get_connection("default").hget(LAST_RUNS, BEAT)
    if beat is None:
        return "has never run"
    silent = time.time() - float(beat)
    return OK if silent < SILENT_SECONDS else f"silent for {silent:.0f} s"
