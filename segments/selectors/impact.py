"""What other rules would do to a segment, before they are saved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.models import Contact
from contacts.rules.compiler import fails, holds
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from segments.models import Segment, SegmentMembership, SegmentPin
from segments.selectors.counting import Size, size, some_of
from segments.selectors.cycles import segments_looked_at
from segments.selectors.usage import SegmentUser, segment_users
from segments.selectors.wanted import with_pins, without_pins

SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Side:
    """Those who would join, or leave: how many, and some of them."""

    size: Size
    samples: list[Contact]


@dataclass(frozen=True, slots=True)
class Impact:
    joining: Side
    leaving: Side
    used_by: list[SegmentUser]


def impact(*, segment: Segment, rules: Any, now: datetime | None = None) -> Impact:
    """Who would join and leave a segment by other rules, and what uses it. Raises ValidationError by path, also
    where they come back to the segment.
    """
    world = World(now or timezone.now())
    node = rule_read(rules, world=world)
    segments_looked_at(segment, node)
    pins = SegmentPin.objects.filter(segment=segment)
    wanted, unwanted = with_pins(holds(node, world), pins), without_pins(fails(node, world), pins)
    member = Exists(SegmentMembership.objects.filter(segment=segment, contact=OuterRef("pk")))
    return Impact(
        joining=_side(lambda among: _among(world, among).filter(wanted, ~member)),
        leaving=_side(lambda among: _among(world, among).filter(unwanted, member)),
        used_by=segment_users(segment=segment),
    )


def _among(world: World, among: Any) -> Any:
    return Contact.objects.filter(world.of(among).about("pk"))


def _side(rows: Any) -> Side:
    found = size(rows)
    people = rows(None).defer("search_vector").order_by("pk")
    return Side(found, some_of(people, SAMPLES) if found.count else [])
