"""From a draft to the JSON document of its rule. (`filling` is the way back.)"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from segments.builder.drafts import DURATIONS, Draft
from segments.builder.inputs import operator_of
from segments.builder.vocabulary import Choice, Vocabulary

Document = dict[str, Any]


@dataclass(slots=True)
class Written:
    """A document, and at which path of it each node of the draft lies."""

    document: Document
    keys: dict[str, str] = field(default_factory=dict)

    def place_of(self, path: str) -> tuple[str, str]:
        """The key of the node that a path lies in, and the name of the input there that it is about."""
        inner = path
        while inner and inner not in self.keys:
            inner = inner.rpartition(".")[0]
        return self.keys.get(inner, ""), _input_at(path.removeprefix(inner).strip("."))


# Where an input is not named as what is written.
_INPUTS = {
    "": "about",
    "type": "about",
    "value.1": "value2",
    "segment": "value",
    "import": "value",
    "event_type": "event",
    "count.value": "count",
    "within.last": "last",
    "within.after": "after",
    "within.before": "before",
    "within": "after",
    "where.0.path": "path",
    "where.0.value": "path-value",
}


def _input_at(path: str) -> str:
    return _INPUTS.get(path) or path.partition(".")[0]


def document_of(draft: Draft, vocabulary: Vocabulary, *, root: str = "rules") -> Written:
    """The document that a draft stands for; what is not filled in is missing there, which its reader says."""
    written = Written({})
    written.document = _Writer(vocabulary, written.keys).node(draft, root)
    return written


class _Writer:
    def __init__(self, vocabulary: Vocabulary, keys: dict[str, str]) -> None:
        self.vocabulary, self.keys = vocabulary, keys

    def node(self, draft: Draft, path: str) -> Document:
        self.keys[path] = draft.key
        return self._group(draft, path) if draft.is_group else self._condition(draft, path)

    def _group(self, draft: Draft, path: str) -> Document:
        word = "any" if draft.word in ("any", "none") else "all"
        is_complement = draft.word in ("none", "not_all")
        inside = f"{path}.not.{word}" if is_complement else f"{path}.{word}"
        inner = {
            word: [self.node(child, f"{inside}.{n}") for n, child in enumerate(draft.children)]
        }
        return {"not": inner} if is_complement else inner

    def _condition(self, draft: Draft, path: str) -> Document:
        choice = self.vocabulary.find(draft.value("about"))
        if choice is None:
            return {}
        document = _SHAPES[choice.shape](draft, choice)
        if choice.shape == "related" and draft.children and draft.children[0].children:
            document["related"] = self.node(draft.children[0], f"{path}.related")
        return document


# What a condition is about: the word before the colon, and by what type and key a rule says it.
ABOUT = {
    "attribute": ("attribute", "field"),
    "custom": ("custom_field", "field"),
    "event": ("event", "event_type"),
    "activity": ("activity", "activity_type"),
    "engagement": ("engagement", "metric"),
    "preference": ("preference", "preference_type"),
    "relationship": ("relationship", "relationship_type"),
}


def _named(choice: Choice) -> Document:
    kind, _, name = choice.name.partition(":")
    type_, key = ABOUT.get(kind, (kind, ""))
    return {"type": type_} | ({key: name} if key and name else {})


def _compared(read: Callable[[Draft, str], Document]) -> Callable[[Draft, Choice], Document]:
    """A document with an operator, whose value is read where the operator has one."""

    def written(draft: Draft, choice: Choice) -> Document:
        operator = operator_of(draft, choice)
        document = _named(choice) | {"operator": operator}
        return (
            document if operator in ("is_set", "is_not_set") else document | read(draft, operator)
        )

    return written


def _given(name: str, value: Any) -> Document:
    """What is filled in; nothing where it is not."""
    return {} if value in ("", None, []) else {name: value}


def _text(draft: Draft, operator: str) -> Document:
    if operator in ("in", "not_in"):
        return _given("value", _lines(draft, "values"))
    return _given("value", draft.value("value"))


def _lines(draft: Draft, name: str) -> list[str]:
    lines = [line.strip() for text in draft.chosen(name) for line in text.splitlines()]
    return [line for line in lines if line]


def _number(draft: Draft, operator: str) -> Document:
    if operator == "between":
        return {"value": [number(draft.value("value")), number(draft.value("value2"))]}
    return _given("value", number(draft.value("value")))


def number(text: str) -> Any:
    """The number that a text is; the text itself where it is none, which the rule's reader refuses."""
    try:
        return int(text)
    except ValueError:
        pass
    # “1,000” is a thousand to some and one to others.
    if _AMBIGUOUS.fullmatch(text):
        return text
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


_AMBIGUOUS = re.compile(r"-?\d{1,3}(,\d{3})+")


def _boolean(draft: Draft, operator: str) -> Document:
    return {"value": draft.value("value") != "false"}


def _moment(draft: Draft, operator: str) -> Document:
    if operator in DURATIONS:
        return {"value": _duration(draft, "value")}
    if operator == "between":
        return {"value": [draft.value("value"), draft.value("value2")]}
    return _given("value", draft.value("value"))


def _duration(draft: Draft, name: str) -> str:
    count = draft.value(name) if draft.values.get(name) else "30"
    return f"{count}{draft.value(f'{name}-unit') or 'd'}"


def _tags(draft: Draft, operator: str) -> Document:
    return _given("values", _lines(draft, "values"))


def _segment(draft: Draft, operator: str) -> Document:
    return _given("segment", number(draft.value("value")))


def _import(draft: Draft, choice: Choice) -> Document:
    return _named(choice) | _given("import", number(draft.value("value")))


def _happened(draft: Draft, choice: Choice) -> Document:
    document = _named(choice)
    if choice.shape == "own_event":
        document |= _given("event_type", draft.value("event"))
    times = draft.value("times")
    if times == "never":
        document["count"] = {"operator": "equals", "value": 0}
    elif times:
        document["count"] = {"operator": times} | _given("value", number(draft.value("count")))
    return document | _within(draft) | _details(draft)


def _within(draft: Draft) -> Document:
    match draft.value("within"):
        case "last":
            return {"within": {"last": _duration(draft, "last")}}
        case "after" | "before" as name:
            return {"within": {name: draft.value(name)}}
        case "between":
            return {"within": {"after": draft.value("after"), "before": draft.value("before")}}
    return {}


# With these a detail of an event is compared as a number.
AMOUNTS = ("gt", "gte", "lt", "lte")


def _details(draft: Draft) -> Document:
    if not draft.value("detail"):
        return {}
    where = _given("path", draft.value("path"))
    operator = where["operator"] = draft.value("path-operator") or "equals"
    value: Any = draft.value("path-value")
    where |= _given("value", number(value) if operator in AMOUNTS else value)
    return {"where": [where]}


def _preference(draft: Draft, choice: Choice) -> Document:
    return _named(choice) | {"is_enabled": draft.value("value") != "false"}


def _last_emails(draft: Draft, choice: Choice) -> Document:
    names = ("emails", "at_least")
    return _named(choice) | {name: number(draft.value(name) or "3") for name in names}


def _related(draft: Draft, choice: Choice) -> Document:
    return _named(choice)


_SHAPES: Mapping[str, Callable[[Draft, Choice], Document]] = {
    "text": _compared(_text),
    "choice": _compared(_text),
    "number": _compared(_number),
    "sum": _compared(_number),
    "score": _compared(_number),
    "boolean": _compared(_boolean),
    "several": _compared(_text),
    "date": _compared(_moment),
    "datetime": _compared(_moment),
    "tags": _compared(_tags),
    "segment": _compared(_segment),
    "import": _import,
    "level": _compared(_text),
    "event": _happened,
    "own_event": _happened,
    "happened": _happened,
    "preference": _preference,
    "last_emails": _last_emails,
    "related": _related,
}
