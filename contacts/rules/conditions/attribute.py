from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.rules.comparisons import BooleanComparison, Comparison, TextComparison
from contacts.rules.labels import label_in_sentence
from contacts.rules.moments import MomentComparison
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.places import Column
from contacts.rules.source import Source
from contacts.rules.world import World

BOOLEANS = ("is_active", "is_subscribed")
MOMENTS = ("created_at",)
LABELS = ATTRIBUTE_LABELS | {"created_at": "Added to Kith"}


@dataclass(frozen=True, slots=True)
class Attribute(Condition):
    """{"type": "attribute", "field": "city", "operator": "equals", "value": "Oslo"}"""

    field: str
    comparison: Comparison

    kind = "attribute"

    @property
    def place(self) -> Column:
        return Column(self.field, is_indexed=self.field in MOMENTS)

    def holds(self, world: World) -> Any:
        return self.comparison.test(self.place, world)

    def depends_on(self, world: World) -> Iterable[Dependency]:
        # What is made with a contact comes with the news that there is one.
        return () if self.field in MOMENTS else (Dependency(f"attribute:{self.field}"),)

    @property
    def knows_time(self) -> bool:
        return isinstance(self.comparison, MomentComparison) and self.comparison.moves

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        if isinstance(self.comparison, MomentComparison):
            yield from self.comparison.passed(self.place, since, world)

    def sentence(self, world: World) -> str:
        label = label_in_sentence(LABELS[self.field])
        if self.field in BOOLEANS and self.comparison.operator in ("equals", "not_equals"):
            is_so = self.comparison.wanted == (self.comparison.operator == "equals")
            return f"is {label}" if is_so else f"is not {label}"
        return self.comparison.sentence(label)

    def shown(self, world: World) -> Any:
        return self.place.value


def comparison_of(name: str) -> Callable[[Source], Comparison]:
    """How comparisons with an attribute are read."""
    if name in BOOLEANS:
        return BooleanComparison.read
    return MomentComparison.read if name in MOMENTS else TextComparison.read


def attribute_read(source: Source) -> Attribute:
    source.only("field", "operator", "value")
    name = source.choice("field", LABELS, "field of contacts")
    return Attribute(name, comparison_of(name)(source))
