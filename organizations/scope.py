"""The organization in whose name the running code reads and writes.

Entering and leaving is here alone, so that a wall of another kind (row-level security) has one place to be added.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import BigIntegerField, Expression

_current: ContextVar[int | None] = ContextVar("organization", default=None)


class NoOrganizationScope(RuntimeError):
    """A tenant table was used outside of an organization's scope."""

    def __init__(self) -> None:
        super().__init__(
            "No organization is in scope. Run this inside organization_scope(organization), "
            "or name the unscoped manager where every organization is meant."
        )


@contextmanager
def organization_scope(organization: Any) -> Iterator[None]:
    """Make an organization (an instance or an id) the current one for the block, in this thread."""
    token = _current.set(organization if isinstance(organization, int) else organization.pk)
    try:
        yield
    finally:
        _current.reset(token)


def current_organization_id() -> int:
    """The id of the organization in scope. Raises NoOrganizationScope outside of one."""
    organization_id = _current.get()
    if organization_id is None:
        raise NoOrganizationScope
    return organization_id


def scoped_stream[T](organization_id: int, chunks: Iterable[T]) -> Iterator[T]:
    """Consume `chunks` in an organization's scope: a response is streamed after its view's scope has ended."""
    iterator = iter(chunks)
    while True:
        with organization_scope(organization_id):
            chunk = next(iterator, None)
        if chunk is None:
            return
        yield chunk


class CurrentOrganization(Expression):
    """The organization in scope, found when the SQL is made and not when the queryset is built."""

    output_field = BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[int, ...]]:
        return "%s", (current_organization_id(),)
