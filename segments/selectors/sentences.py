"""The rules of segments in plain English."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.rules.sentences import sentence_of
from contacts.rules.world import World
from segments.models import Segment
from segments.selectors.wanted import rule_of


def sentences(segments: Iterable[Segment]) -> dict[int, str]:
    """A sentence for each segment, by id. A constant number of queries."""
    world = World(timezone.now())
    return {segment.pk: _sentence(segment, world) for segment in segments}


def _sentence(segment: Segment, world: World) -> str:
    try:
        node = rule_of(segment, world)
    except ValidationError as error:
        return f"These rules can't be read any more: {'; '.join(error.messages)}"
    return "Kept by hand" if node is None else sentence_of(node, world)
