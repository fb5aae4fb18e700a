"""Counting in windows of time, in Redis: what a program or a person may do only so often."""

import math
import time
from dataclasses import dataclass

import structlog
from redis import RedisError

from organizations.redis import redis_connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """How much of something was counted in the window that runs now, and in how many seconds that one ends."""

    used: int
    seconds_left: int


def use_count(*, name: str, seconds: int) -> Window | None:
    """Count one use of `name` in windows of some seconds. None without Redis: a cache's failure stops nobody."""
    now = time.time()
    key = _key(name, seconds, now)
    try:
        pipeline = redis_connection().pipeline(transaction=False)
        pipeline.incr(key)
        pipeline.expire(key, seconds + 5)
        used = pipeline.execute()[0]
    except RedisError:
        log.warning("rate_limit_unreachable", exc_info=True)
        return None
    return Window(used, math.ceil(seconds - now % seconds))


def use_give_back(*, name: str, seconds: int, everything: bool = False) -> None:
    """Take back the last use of `name` in this window, or all of them."""
    key = _key(name, seconds, time.time())
    try:
        if everything:
            redis_connection().delete(key)
            return
        pipeline = redis_connection().pipeline(transaction=False)
        pipeline.decr(key)
        pipeline.expire(key, seconds + 5)
        pipeline.execute()
    except RedisError:
        log.warning("rate_limit_unreachable", exc_info=True)


def _key(name: str, seconds: int, now: float) -> str:
    return f"kith:rate:{name}:{seconds}:{int(now // seconds)}"
