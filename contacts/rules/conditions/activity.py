from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import ActivityType, ContactActivity
from contacts.rules.conditions.happened import Happening, Times, times_read, window_read
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.source import Source
from contacts.rules.spans import Window
from contacts.rules.world import World


@dataclass(frozen=True, slots=True)
class Activity(Condition):
    """{"type": "activity", "activity_type": "call", "count": …, "within": …}"""

    activity_type: str
    times: Times
    window: Window

    kind = "activity"

    @property
    def _happening(self) -> Happening:
        return Happening(self._rows, self.times, self.window, are_planned=True)

    def _rows(self, world: World) -> Any:
        return ContactActivity.objects.filter(activity_type=self.activity_type)

    def holds(self, world: World) -> Any:
        return self._happening.holds(world)

    def fails(self, world: World) -> Any:
        return self._happening.fails(world)

    def depends_on(self, world: World) -> Iterable[Dependency]:
        return (Dependency(f"activity:{self.activity_type}"),)

    @property
    def knows_time(self) -> bool:
        return self.window.moves

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        return self._happening.passed(since, world)

    def sentence(self, world: World) -> str:
        label = ActivityType(self.activity_type).label.lower()
        article = "an" if label[0] in "aeiou" else "a"
        return self._happening.clause(f"had {article} {label}")

    def shown(self, world: World) -> Any:
        return self._happening.count(world)


def activity_read(source: Source) -> Activity:
    source.only("activity_type", "count", "within")
    kind = source.choice("activity_type", ActivityType.values, "kind of activity")
    return Activity(kind, times_read(source), window_read(source))
