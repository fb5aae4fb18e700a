"""Who is to be in a segment: those of whom its rule holds, and those who are pinned."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from contacts.models import Contact
from contacts.rules.compiler import holds
from contacts.rules.nodes import Node
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from segments.models import Segment, SegmentPin


def rule_of(segment: Segment, world: World) -> Node | None:
    """The rule of a segment, or None of a static one. Raises ValidationError where it can't be read any more."""
    return None if segment.rules is None else rule_read(segment.rules, world=world)


def wanted(segment: Segment, world: World) -> Any:
    """The living contacts, out of those in question, that are to be in a segment now. Raises ValidationError."""
    is_wanted = membership(segment, rule_of(segment, world), world)
    return Contact.objects.filter(world.about("pk")).filter(is_wanted)


def membership(segment: Segment, node: Node | None, world: World) -> Q:
    """Whether a contact is to be in a segment, whose rule is `node`, as a filter of a queryset of contacts."""
    pins = SegmentPin.objects.filter(segment=segment)
    if node is None:
        return Q(pk__in=pins.filter(is_in=True).values("contact_id"))
    rule = holds(node, world)
    is_pinned = segment.pk in world.vocabulary("pinned_segments")
    return with_pins(rule, pins) if is_pinned else rule


def pinned_segments() -> set[int]:
    """The segments that somebody is pinned to, or away from. One query."""
    pins = SegmentPin.objects.filter(segment=OuterRef("pk"))
    return set(Segment.objects.filter(Exists(pins)).values_list("pk", flat=True))


def with_pins(rule: Q, pins: Any) -> Q:
    """A rule, and whatever people pinned, which goes before it."""
    mine = pins.filter(contact=OuterRef("pk"))
    is_in, is_out = Exists(mine.filter(is_in=True)), Exists(mine.filter(is_in=False))
    return (rule | Q(is_in)) & ~Q(is_out)


def without_pins(complement: Q, pins: Any) -> Q:
    """The complement of `with_pins`, of that of the rule."""
    mine = pins.filter(contact=OuterRef("pk"))
    is_in, is_out = Exists(mine.filter(is_in=True)), Exists(mine.filter(is_in=False))
    return (complement & ~Q(is_in)) | Q(is_out)
