"""Making, changing and deleting segments."""

import re
import unicodedata
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.rules.nodes import Node, conditions, knows_time
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from contacts.services.slots import slot_give
from organizations.locks import LockSpace, lock_organization
from organizations.models import User
from organizations.scope import current_organization_id
from segments.models import MembershipReason, Segment, SegmentKind, SegmentStatus
from segments.models.segment import SCHEMA_VERSION
from segments.selectors.cycles import segments_looked_at
from segments.selectors.usage import segment_users
from segments.services.refreshing import segment_refresh_start


@transaction.atomic
def segment_create(
    *,
    name: str,
    kind: str = SegmentKind.DYNAMIC,
    rules: Any = None,
    description: str = "",
    user: User | None = None,
) -> Segment:
    """Make a segment and queue its computation; a static one is ready, and empty.

    Raises ValidationError by path: a taken name, faults of the rules. Locks the organization's segments.
    """
    lock_organization(LockSpace.SEGMENTS, current_organization_id())
    segment = Segment(name=name, kind=kind, description=description, created_by=user)
    _set_rules(segment, rules)
    if kind == SegmentKind.STATIC:
        segment.status, segment.computed_at = SegmentStatus.READY, timezone.now()
    _save(segment)
    if kind == SegmentKind.DYNAMIC:
        segment_refresh_start(segment=segment, reason=MembershipReason.RULES, user=user)
    segment.refresh_from_db()
    return segment


@transaction.atomic
def segment_update(*, segment: Segment, user: User | None = None, **changes: Any) -> Segment:
    """Change a segment's `name`, `description` or `rules`; other rules are computed in the background.

    Until then its members are those of the rules before. Raises ValidationError by path. Locks the organization's
    segments.
    """
    lock_organization(LockSpace.SEGMENTS, current_organization_id())
    locked = Segment.objects.select_for_update().get(pk=segment.pk)
    is_other = "rules" in changes and changes["rules"] != locked.rules
    for name in ("name", "description"):
        setattr(locked, name, changes.get(name, getattr(locked, name)))
    if is_other:
        _set_rules(locked, changes["rules"])
    _save(locked)
    if is_other:
        segment_refresh_start(segment=locked, reason=MembershipReason.RULES, user=user)
        locked.refresh_from_db()
    return locked


@transaction.atomic
def segment_delete(*, segment: Segment) -> None:
    """Delete a segment with its members and their log; no contact is touched.

    Raises ValidationError while something uses it. Locks the organization's segments.
    """
    lock_organization(LockSpace.SEGMENTS, current_organization_id())
    users = segment_users(segment=segment)
    if users:
        named = ", ".join(user.name for user in users[:5])
        message = f"{segment} is used by {named}. Change those first."
        raise ValidationError({"segment": ValidationError(message, code="in_use")})
    Segment.objects.filter(pk=segment.pk).delete()


def _index_timed_fields(node: Node, world: World) -> None:
    """Dates that time passes over get an index, as long as there is room: without one all contacts are looked at."""
    for key in {key for condition in conditions(node) for key in condition.timed_fields()}:
        definition = world.fields[key]
        if definition.slot is None:
            with suppress(ValidationError), transaction.atomic():
                slot_give(definition=definition)


def _set_rules(segment: Segment, rules: Any) -> None:
    if segment.kind == SegmentKind.STATIC:
        if rules is not None:
            message = "A segment that is kept by hand has no rules."
            raise ValidationError({"rules": ValidationError(message, code="static")})
        return
    world = World(timezone.now())
    node = rule_read(rules, world=world)
    segment.rules, segment.schema_version = rules, SCHEMA_VERSION
    segment.knows_time = knows_time(node)
    segment.depends_on = segments_looked_at(segment, node)
    _index_timed_fields(node, world)


def _save(segment: Segment) -> None:
    for name in ("name", "description"):
        if "\0" in getattr(segment, name):
            raise ValidationError({name: "Text can't contain NUL characters."})
    segment.name = _checked_name(segment.name)
    segment.name_key = segment.name.casefold()
    twin = Segment.objects.filter(name_key=segment.name_key).exclude(pk=segment.pk).first()
    if twin:
        message = f"There is a segment “{twin.name}” already."
        raise ValidationError({"name": ValidationError(message, code="unique")})
    segment.full_clean(exclude=["organization"], validate_constraints=False)
    segment.save()


# What turns the direction of what is written around a name.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _checked_name(name: str) -> str:
    """A name in one line that can be seen and leaves what is around it as it is. (A blank one is told with the model.)"""
    name = " ".join(TURNING.sub("", name).split())
    if name and not any(unicodedata.category(letter)[0] in "LNPS" for letter in name):
        raise ValidationError({"name": "Give it a name that can be seen."})
    return name
