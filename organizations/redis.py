from functools import cache

import django_rq
from redis import Redis


@cache
def redis_connection() -> Redis:
    """The Redis that queues, flags and caches share: one pool a process (it survives a fork)."""
    return django_rq.get_connection("default")
