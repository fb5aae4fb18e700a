from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from contacts.models import ContactEvent
from contacts.rules.comparisons import (
    BooleanComparison,
    Comparison,
    NumberComparison,
    TextComparison,
)
from contacts.rules.conditions.happened import Happening, Times, times_read, window_read
from contacts.rules.errors import RuleError
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.places import JsonBooleanPlace, JsonNumberPlace, JsonTextPlace, Place
from contacts.rules.source import Source, text_of
from contacts.rules.spans import Window
from contacts.rules.world import World

DOCUMENT = "event_data"
LINKS = ("campaign", "automation", "website")
COMPARISONS: dict[type, tuple[type[Comparison], type[Place]]] = {
    str: (TextComparison, JsonTextPlace),
    bool: (BooleanComparison, JsonBooleanPlace),
    int: (NumberComparison, JsonNumberPlace),
    float: (NumberComparison, JsonNumberPlace),
    Decimal: (NumberComparison, JsonNumberPlace),
}
VERBS = {
    "email_sent": "was sent an e-mail",
    "email_delivered": "had an e-mail delivered",
    "email_opened": "opened an e-mail",
    "email_clicked": "clicked in an e-mail",
    "email_bounced": "had an e-mail bounce",
    "form_submitted": "submitted a form",
    "page_visited": "visited a page",
}


@dataclass(frozen=True, slots=True)
class Detail:
    """What has to be so of an event's data."""

    path: str
    comparison: Comparison
    place: type[Place]

    def test(self, world: World) -> Any:
        place: Any = self.place
        return self.comparison.test(place(*self.path.split("."), document=DOCUMENT), world)


@dataclass(frozen=True, slots=True)
class Event(Condition):
    """{"type": "event", "event_type": "email_opened", "count": …, "within": …, "where": […], "campaign": 7}

    Events of machines (scanners, proxies) do not count.
    """

    event_type: str
    times: Times
    window: Window
    where: tuple[Detail, ...] = ()
    links: tuple[tuple[str, int], ...] = ()

    kind = "event"

    @property
    def _happening(self) -> Happening:
        return Happening(self._rows, self.times, self.window)

    def _rows(self, world: World) -> Any:
        rows = ContactEvent.objects.filter(event_type=self.event_type, is_machine=False)
        rows = rows.filter(**{f"{name}_id": number for name, number in self.links})
        for detail in self.where:
            rows = rows.filter(detail.test(world))
        return rows

    def holds(self, world: World) -> Any:
        return self._happening.holds(world)

    def fails(self, world: World) -> Any:
        return self._happening.fails(world)

    def depends_on(self, world: World) -> Iterable[Dependency]:
        return (Dependency(f"event:{self.event_type}"),)

    @property
    def knows_time(self) -> bool:
        return self.window.moves

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        return self._happening.passed(since, world)

    def sentence(self, world: World) -> str:
        what = VERBS.get(self.event_type, f"did “{self.event_type}”")
        details = [each.comparison.sentence(f"its {each.path}") for each in self.where]
        links = [_said(name, number, world) for name, number in self.links]
        if details:
            links.append(f"where {' and '.join(details)}")
        return " ".join([self._happening.clause(what), *links])

    def shown(self, world: World) -> Any:
        return self._happening.count(world)


def event_read(source: Source) -> Event:
    source.only("event_type", "count", "within", "where", *LINKS)
    return Event(
        event_type=source.text("event_type"),
        times=times_read(source),
        window=window_read(source),
        where=tuple(_details(source)) if source.has("where") else (),
        links=tuple((name, _link(source, name)) for name in LINKS if source.has(name)),
    )


def _link(source: Source, name: str) -> int:
    number = source.integer(name, least=1)
    if name == "website" and number not in source.world.websites:
        raise RuleError(source.at(name), "unknown_website", f"There is no website {number}.")
    return number


def _said(name: str, number: int, world: World) -> str:
    if name == "website" and number in world.websites:
        return f"on {world.websites[number]}"
    return f"of {name} {number}"


MOST_DETAILS = 10


def _details(source: Source) -> Iterable[Detail]:
    for item, path in source.listed("where", most=MOST_DETAILS):
        if not isinstance(item, dict):
            raise RuleError(path, "wrong_type", "Give {“path”: …, “operator”: …, “value”: …}.")
        inner = Source(item, path, source.world, source.read_node)
        inner.only("path", "operator", "value")
        comparison, place = _typed(item.get("value"), inner)
        yield Detail(text_of(inner.raw("path"), inner.at("path")), comparison.read(inner), place)


def _typed(value: Any, source: Source) -> tuple[type[Comparison], type[Place]]:
    """The type of what is wanted says how it is compared."""
    sample = value[0] if isinstance(value, list) and value else value
    if sample is None:
        return TextComparison, JsonTextPlace
    found = COMPARISONS.get(type(sample))
    if found is None:
        raise RuleError(source.at("value"), "wrong_type", "Give a text, a number, true or false.")
    return found
