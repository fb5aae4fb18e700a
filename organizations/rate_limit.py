"""Counting in windows of time, in Redis: what a program or a person may do only so often."""

import math
import time
from dataclasses import dataclass

import structlog
from redis import RedisError

from organizations.redis import redis_connection

log = structlog.get_logger(__name__)

# A script is one step for Redis: no window is begun twice, and none lacks its end.
COUNT = """
local started = tonumber(redis.call('hget', KEYS[1], 'started'))
local now, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
if not started or now >= started + seconds then
  started = now
  redis.call('hset', KEYS[1], 'started', ARGV[1], 'used', 0)
  redis.call('expire', KEYS[1], seconds + 5)
end
return {redis.call('hincrby', KEYS[1], 'used', 1), tostring(started + seconds - now)}
"""


@dataclass(frozen=True, slots=True)
class Window:
    """How much of something was counted in the window that runs now, and in how many seconds that one ends."""

    used: int
    seconds_left: int


def use_count(*, name: str, seconds: int) -> Window | None:
    """Count one use of `name` in a window of some seconds, which the first use begins.

    None without Redis: a cache's failure stops nobody.
    """
    try:
        used, left = redis_connection().eval(COUNT, 1, _key(name), repr(time.time()), seconds)  # type: ignore[misc]
    except RedisError:
        log.warning("rate_limit_unreachable", exc_info=True)
        return None
    return Window(used, math.ceil(float(left)))


def use_give_back(*, name: str, seconds: int) -> None:
    """Take back the last use of `name`."""
    try:
        pipeline = redis_connection().pipeline(transaction=False)
        pipeline.hincrby(_key(name), "used", -1)
        # Should the window just have ended, this must not stay for ever.
        pipeline.expire(_key(name), seconds)
        pipeline.execute()
    except RedisError:
        log.warning("rate_limit_unreachable", exc_info=True)


def uses_forget(*, name: str) -> None:
    """Take back every use of `name`."""
    try:
        redis_connection().delete(_key(name))
    except RedisError:
        log.warning("rate_limit_unreachable", exc_info=True)


def _key(name: str) -> str:
    return f"kith:rate:{name}"
