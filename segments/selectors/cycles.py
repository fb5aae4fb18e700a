"""Segments that look at segments: never, over others, at themselves."""

from django.core.exceptions import ValidationError

from contacts.rules.nodes import Node, segments_of
from segments.models import Segment


def segments_looked_at(segment: Segment, node: Node) -> list[int]:
    """The segments that a rule looks at, in order. One query.

    Raises ValidationError, which names the one on the way, where that comes back to `segment`.
    """
    wanted = sorted(segments_of(node))
    known = dict(Segment.objects.values_list("pk", "depends_on"))
    for pk in wanted:
        if segment.pk in _behind(pk, known):
            way = "itself" if pk == segment.pk else f"over {Segment.objects.get(pk=pk)}"
            message = f"These rules come back to this segment {way}."
            raise ValidationError({"rules": ValidationError(message, code="cycle")})
    return wanted


def _behind(pk: int, known: dict[int, list[int]]) -> set[int]:
    """A segment, and all that it looks at over others."""
    behind, left = {pk}, [pk]
    while left:
        further = set(known.get(left.pop(), ())) - behind
        behind |= further
        left.extend(further)
    return behind
