"""The filters of the list of contacts as a rule."""

from collections.abc import Callable, Mapping
from typing import Any

from organizations.ids import ids_of

Document = dict[str, Any]


def _attribute(name: str) -> Callable[[str], list[Document]]:
    return lambda value: [
        {"type": "attribute", "field": name, "operator": "equals", "value": value}
    ]


def _boolean(name: str) -> Callable[[str], list[Document]]:
    return lambda value: [
        {
            "type": "attribute",
            "field": name,
            "operator": "equals",
            "value": value in ("true", "True", "1"),
        }
    ]


def _created(operator: str) -> Callable[[str], list[Document]]:
    return lambda value: [
        {"type": "attribute", "field": "created_at", "operator": operator, "value": value}
    ]


def _tags(value: str) -> list[Document]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    return [{"type": "tag", "operator": "has_all", "values": names}]


def _segments(value: str) -> list[Document]:
    return [
        {"type": "segment", "operator": "member_of", "segment": number}
        for number in ids_of(value)
        if number is not None
    ]


def _level(value: str) -> list[Document]:
    return [{"type": "engagement", "metric": "level", "operator": "in", "value": [value]}]


FILTERS: Mapping[str, Callable[[str], list[Document]]] = {
    **{
        name: _attribute(name)
        for name in (
            "kind",
            "email",
            "phone",
            "city",
            "country",
            "language",
            "company_name",
            "source",
        )
    },
    "is_active": _boolean("is_active"),
    "is_subscribed": _boolean("is_subscribed"),
    "created_in_last": _created("in_last"),
    "created_after": _created("after"),
    "created_before": _created("before"),
    "engagement": _level,
    "tag": _tags,
    "segment": _segments,
}


def document_from_filters(filters: Mapping[str, str]) -> Document | None:
    """The rule that means whom the filters let through, as far as rules can say it; None for nothing of that kind."""
    nodes = [
        node for name, value in filters.items() if name in FILTERS for node in FILTERS[name](value)
    ]
    return {"all": nodes} if nodes else None


def can_be_rules(filters: Mapping[str, str]) -> bool:
    """Whether a rule can say all that the filters do: a tag can be a number for the list, and is a name for rules."""
    is_told = all(name in FILTERS for name in filters)
    return bool(filters) and is_told and not any(ids_of(filters.get("tag", "")))
