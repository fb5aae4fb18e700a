import django_rq
from redis import Redis


def redis_connection() -> Redis:
    """The Redis that queues, flags and caches share."""
    return django_rq.get_connection("default")
