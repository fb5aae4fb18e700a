"""Fifty segments for benchmarks: five typical ones, and others of all kinds that depend on what people do every day."""

from pathlib import Path
from typing import Any

from segments.models import Segment
from segments.services.segments import segment_create

SQL = Path(__file__).parent / "sql"
NAMES = (
    "attribute + custom field",
    "tag + event in the last 30 d",
    "event count ≥ 3",
    "nested not",
    "segment of segment",
)
CITIES = ("Oslo", "Bergen", "Berlin", "Hamburg", "Lisbon", "Porto", "Kyoto", "Osaka", "Lima")
OTHERS = 45


def attribute(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "attribute", "field": field, "operator": operator, "value": value}


def custom(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "custom_field", "field": field, "operator": operator, "value": value}


def tag(*numbers: int) -> dict[str, Any]:
    return {"type": "tag", "operator": "has_any", "values": [f"Tag {number}" for number in numbers]}


def event(event_type: str, **more: Any) -> dict[str, Any]:
    return {"type": "event", "event_type": event_type, **more}


def member(segment: int, operator: str = "member_of") -> dict[str, Any]:
    return {"type": "segment", "operator": operator, "segment": segment}


THREE = {"operator": "gte", "value": 3}


def typical_segments() -> list[Segment]:
    """The five rules; `wanted_by_hand` has them in SQL."""
    first = _made(0, {"all": [attribute("city", "equals", "Oslo"), custom("age", "gt", 30)]})
    second = _made(1, {"all": [tag(3), event("email_opened", within={"last": "30d"})]})
    third = _made(2, event("email_clicked", count=THREE))
    fourth = _made(3, _nested())
    looking = [member(first.pk), member(third.pk, "not_member_of")]
    fifth = _made(4, {"all": [*looking, attribute("is_subscribed", "equals", True)]})
    return [first, second, third, fourth, fifth]


def _made(number: int, rules: Any) -> Segment:
    return segment_create(name=NAMES[number], rules=rules)


def _nested() -> dict[str, Any]:
    wanted = [attribute("city", "in", ["Oslo", "Bergen"]), custom("plan", "equals", "business")]
    stale = {"not": event("page_visited", within={"last": "90d"})}
    return {"not": {"any": [{"not": {"any": wanted}}, {"all": [tag(5, 6), stale]}]}}


def wanted_by_hand() -> list[str]:
    return (SQL / "segment_wanted.sql").read_text().split("----\n")


def other_segments(typical: list[Segment]) -> list[Segment]:
    """Further ones, such that what `benchmarks.segments.everyday` does concerns every one of them."""
    return [
        segment_create(name=f"Other {number}", rules=_other(number, typical))
        for number in range(OTHERS)
    ]


def _other(number: int, typical: list[Segment]) -> dict[str, Any]:
    """Nine kinds, five of each."""
    kind, variant = number % 9, number // 9
    city = attribute("city", "equals", CITIES[number % len(CITIES)])
    opened = event("email_opened", within={"last": f"{10 * (variant + 1)}d"})
    rules: list[dict[str, Any]] = [
        {"all": [city, custom("age", "between", [20 + variant, 40 + variant])]},
        {"any": [tag(variant, variant + 5), opened]},
        event("email_opened", count=THREE, within={"last": f"{60 * (variant + 1)}d"}),
        {"not": {"any": [city, tag(variant)]}},
        {"all": [member(typical[variant % 4].pk), city]},
        {"all": [_score(variant + 1), {"not": tag(variant)}]},
        {"all": [custom("plan", "equals", "team"), {"any": [city, opened]}]},
        {"all": [city, custom("born", "anniversary_in_next", f"{variant + 3}d")]},
        {"all": [opened, {"not": event("email_clicked", within={"last": "90d"})}]},
    ]
    return rules[kind]


def _score(value: int) -> dict[str, Any]:
    return {"type": "engagement", "metric": "score", "operator": "gt", "value": value}
