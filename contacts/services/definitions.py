"""Telling the cache of custom fields (`contacts.selectors.definitions`) that they are about to be others."""

import structlog
from django.db import transaction
from redis import RedisError

from contacts.selectors.definitions import CHANGING, CHANGING_SECONDS, cache_name
from organizations.redis import redis_connection
from organizations.scope import current_organization_id

log = structlog.get_logger(__name__)


def definitions_change() -> None:
    """Keep everybody off the cache from now until the transaction has ended: call it in front of each change.

    Who is killed between the commit and its end leaves the mark, with which the table is read, until it runs out.
    """
    name = cache_name(current_organization_id())
    try:
        redis_connection().set(name, CHANGING, ex=CHANGING_SECONDS)
    except RedisError:
        # What can't be reached now keeps what it has for its short life at most.
        log.warning("custom_fields_cache_unreachable", exc_info=True)
    transaction.on_commit(lambda: redis_connection().delete(name), robust=True)
