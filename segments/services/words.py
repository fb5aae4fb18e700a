"""The words in the rules of segments: who uses one, and renaming it."""

from collections.abc import Callable, Iterator
from typing import Any

from segments.models import MembershipReason, Segment
from segments.services.refreshing import segment_refresh_start
from tags.names import tag_key

# Where conditions of a type have words of a kind.
NAMES = {
    "custom_field": ("custom_field", "field"),
    "preference": ("preference", "preference_type"),
    "relationship": ("relationship", "relationship_type"),
    "website": ("event", "website"),
}


def segments_with(kind: str, word: str) -> list[str]:
    """The names of the segments whose rules have a word. One query."""
    return [segment.name for segment in _having(kind, word)]


def segments_touch(kind: str, word: str) -> None:
    """Queue the computation of the segments whose rules have a word."""
    for segment in _having(kind, word):
        segment_refresh_start(segment=segment, reason=MembershipReason.RULES)


def _having(kind: str, word: str, rows: Any = Segment.objects) -> list[Segment]:
    dynamic = rows.filter(rules__isnull=False).order_by("name_key", "pk")
    return [each for each in dynamic if word in set(_words(each.rules, kind))]


def word_replace(kind: str, old: str, new: str) -> None:
    """Put a tag's new name into the rules that have the old one (given by its key). Locks their rows."""
    for segment in _having(kind, old, rows=Segment.objects.select_for_update()):
        rules = _replaced(segment.rules, lambda name: new if tag_key(name) == old else name)
        Segment.objects.filter(pk=segment.pk).update(rules=rules)


def _words(document: Any, kind: str) -> Iterator[str]:
    """The words of conditions of a kind, anywhere in a document; tags by their keys."""
    if isinstance(document, list):
        for item in document:
            yield from _words(item, kind)
    elif isinstance(document, dict):
        type_, name = NAMES.get(kind, (kind, "values"))
        if document.get("type") == type_ and name in document:
            said = document[name]
            yield from map(tag_key, said) if kind == "tag" else [str(said)]
        for inner in ("all", "any", "not", "related"):
            yield from _words(document.get(inner), kind)


def _replaced(document: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(document, list):
        return [_replaced(item, rename) for item in document]
    if not isinstance(document, dict):
        return document
    if document.get("type") == "tag":
        return document | {"values": [rename(name) for name in document["values"]]}
    groups = {name: document[name] for name in ("all", "any", "not", "related") if name in document}
    return document | {name: _replaced(inner, rename) for name, inner in groups.items()}
