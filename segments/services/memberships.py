"""The one place where memberships are written: the members of a segment become those that are wanted."""

from typing import Any

from contacts import changes
from contacts.rules.world import World
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, positional, statement
from segments.models import Segment
from segments.selectors.wanted import wanted

ABOUT = "and m.contact_id = any(%(among)s::bigint[])"


def members_set(*, segment: Segment, world: World, reason: str) -> tuple[int, int]:
    """Compute all of a segment; returns how many joined and left. Run it under the lock of changes."""
    ((joined, left),) = _run(segment, world, reason, "members_set_many")
    return joined, left


def members_set_among(
    *, segment: Segment, world: World, among: list[int], reason: str
) -> list[tuple[int, bool]]:
    """Compute a segment for some contacts: (contact, whether they joined or left) of those for whom it changed.

    Run it under the lock of changes.
    """
    return _run(segment, world.of(among), reason, "members_set_few")  # type: ignore[return-value]


def _run(segment: Segment, world: World, reason: str, sink: str) -> list[tuple[Any, ...]]:
    who, values = wanted(segment, world).order_by().values("pk").query.sql_with_params()
    sql, more = positional(
        statement("segments", "members_set", wanted=who, about=ABOUT if world.among else "")
        + statement("segments", sink),
        {
            "organization_id": current_organization_id(),
            "segment_id": segment.pk,
            "among": world.among_text if world.among else None,
            "now": world.now,
            "reason": reason,
            "is_heard": changes.is_heard("joined"),
        },
    )
    return fetch_all(sql, [*values, *more])
