"""The custom fields of the organization in scope, from a cache in Redis.

The cache holds one of three things: the fields; `CHANGING`, from in front of a change of them until behind its commit; or
the ticket of who is reading them from the table. Only who finds the own ticket again puts fields there, so that what was
read in front of a change is never kept behind it. With anything else there, or without Redis, the table is read.
"""

import hashlib
import uuid
from typing import Any

import orjson
import structlog
from django.utils.dateparse import parse_datetime
from redis import RedisError

from contacts.models import CustomFieldDefinition
from organizations.redis import redis_connection
from organizations.scope import current_organization_id

CHANGING = b"changing"
CHANGING_SECONDS = 60
READING_SECONDS = 10
# Invalidation is explicit; this bounds what a Redis does that came back with an old state.
KEPT_SECONDS = 60
KEEP = """
if redis.call('get', KEYS[1]) == ARGV[1] then
  redis.call('set', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
"""
NAMES = [field.attname for field in CustomFieldDefinition._meta.concrete_fields]
# A process of another version, with other columns, has a cache of its own.
LAYOUT = hashlib.sha256(",".join(NAMES).encode()).hexdigest()[:8]
log = structlog.get_logger(__name__)


def custom_field_definitions() -> list[CustomFieldDefinition]:
    """Every field of the organization, in the order of their labels. One query at most, none when cached."""
    name, ticket = cache_name(current_organization_id()), uuid.uuid4().hex.encode()
    held = _held(name, ticket)
    if held.startswith(b"["):
        return [_loaded(row) for row in orjson.loads(held)]
    found = list(CustomFieldDefinition.objects.order_by("label", "pk"))
    if held == ticket:
        _keep(name, ticket, found)
    return found


def _held(name: str, ticket: bytes) -> bytes:
    """What the cache holds; when that was nothing, from now on the ticket."""
    redis: Any = redis_connection()
    try:
        held: bytes | None = redis.get(name)
        if held is None and redis.set(name, ticket, nx=True, ex=READING_SECONDS):
            return ticket
    except RedisError:
        log.warning("custom_fields_cache_unreachable", exc_info=True)
        return b""
    return held or b""


def _keep(name: str, ticket: bytes, definitions: list[CustomFieldDefinition]) -> None:
    rows = [[getattr(each, column) for column in NAMES] for each in definitions]
    try:
        redis_connection().eval(KEEP, 1, name, ticket, orjson.dumps(rows), KEPT_SECONDS)
    except RedisError:
        log.warning("custom_fields_cache_unreachable", exc_info=True)


def _loaded(row: list[Any]) -> CustomFieldDefinition:
    values = [
        parse_datetime(value) if value and name.endswith("_at") else value
        for name, value in zip(NAMES, row, strict=True)
    ]
    definition: CustomFieldDefinition = CustomFieldDefinition.from_db("default", NAMES, values)
    return definition


def cache_name(organization_id: int) -> str:
    return f"kith:custom-fields:{LAYOUT}:{organization_id}"
