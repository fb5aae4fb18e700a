from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from contacts.rules.errors import RuleError
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.source import Source
from contacts.rules.world import World
from segments.models import Segment, SegmentMembership

OPERATORS = ("member_of", "not_member_of")


@dataclass(frozen=True, slots=True)
class InSegment(Condition):
    """{"type": "segment", "operator": "member_of", "segment": 12}"""

    segment: int
    is_member: bool

    kind = "segment"

    def holds(self, world: World) -> Any:
        members = self._members(world)
        return Exists(members) if self.is_member else ~Exists(members)

    def _members(self, world: World) -> Any:
        return SegmentMembership.objects.filter(
            world.about("contact_id"), contact=OuterRef("pk"), segment=self.segment
        )

    def depends_on(self, world: World) -> Iterable[Dependency]:
        mine = frozenset((self.segment,))
        return Dependency("joined", mine), Dependency("left", mine)

    def sentence(self, world: World) -> str:
        name = world.vocabulary("segments").get(self.segment, f"segment {self.segment}")
        return f"is {'' if self.is_member else 'not '}in the segment {name}"

    def segments(self) -> Iterable[int]:
        return (self.segment,)

    def shown(self, world: World) -> Any:
        return Exists(self._members(world))


def segment_names() -> dict[int, str]:
    return dict(Segment.objects.values_list("pk", "name"))


def segment_read(source: Source) -> InSegment:
    source.only("operator", "segment")
    operator = source.choice("operator", OPERATORS)
    number = source.integer("segment", least=1)
    if number not in source.world.vocabulary("segments"):
        message = f"There is no segment {number}."
        raise RuleError(source.at("segment"), "unknown_segment", message)
    return InSegment(number, operator == "member_of")
