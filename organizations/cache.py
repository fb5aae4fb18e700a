"""Values in Redis, as JSON, under names that change with what they are of: what is old is asked for no more."""

from typing import Any

import orjson
import structlog
from redis import RedisError

from organizations.redis import redis_connection

log = structlog.get_logger(__name__)


def cached(name: str) -> Any:
    """What is kept under a name; None for nothing, and without Redis."""
    try:
        held: Any = redis_connection().get(name)
    except RedisError:
        log.warning("cache_unreachable", name=name, exc_info=True)
        return None
    return None if held is None else orjson.loads(held)


def cache(name: str, value: Any, *, seconds: int) -> None:
    """Keep a value for so long at most; without Redis it is not kept."""
    try:
        redis_connection().set(name, orjson.dumps(value), ex=seconds)
    except RedisError:
        log.warning("cache_unreachable", name=name, exc_info=True)
