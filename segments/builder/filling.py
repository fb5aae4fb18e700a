"""From the JSON document of a rule to the draft that it fills in, where the inputs can say all of it."""

from typing import Any

from contacts.models.event import KNOWN_EVENTS
from segments.builder.documents import ABOUT, Document, document_of
from segments.builder.drafts import DURATIONS, LISTS, Draft, condition, group
from segments.builder.inputs import Input, Row, row_of
from segments.builder.vocabulary import Vocabulary


def draft_from(document: Any) -> Draft:
    """The draft of a rule that can be read; its outermost node is a group."""
    draft = _node(document)
    return draft if draft.is_group else group("all", [draft])


def _node(document: Document) -> Draft:
    for word in ("all", "any"):
        if word in document:
            return group(word, [_node(inner) for inner in document[word]])
    if "not" in document:
        return _complement(_node(document["not"]))
    return _drafted(document)


COMPLEMENTS = {"any": "none", "all": "not_all", "none": "any", "not_all": "all"}


def _complement(inner: Draft) -> Draft:
    if not inner.is_group:
        return group("none", [inner])
    inner.word = COMPLEMENTS[inner.word]
    return inner


def _drafted(document: Document) -> Draft:
    """A condition's inputs, filled in."""
    draft = condition()
    for name, value in _filled(document).items():
        listed = value if isinstance(value, list) else [value]
        draft.values[name] = [_said(each) for each in listed]
    if "related" in document:
        draft.children = [draft_from(document["related"])]
    return draft


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {"about": _about(document)}
    if "operator" in document:
        values["operator"] = document["operator"]
    match document["type"]:
        case "tag":
            values["values"] = document["values"]
        case "segment":
            values["value"] = document["segment"]
        case "import":
            values["value"] = document["import"]
        case "preference":
            values["value"] = document["is_enabled"]
        case "engaged_with_last":
            values |= {name: document[name] for name in ("emails", "at_least")}
        case "event" | "activity":
            values |= _filled_happened(document)
        case _ if "value" in document:
            values |= _filled_value(document)
    return values


_KINDS = {type_: (kind, key) for kind, (type_, key) in ABOUT.items()}


def _about(document: Document) -> str:
    kind, key = _KINDS.get(document["type"], (document["type"], ""))
    if kind == "event" and document[key] not in KNOWN_EVENTS:
        return kind
    return f"{kind}:{document[key]}" if key else kind


def _filled_value(document: Document) -> dict[str, Any]:
    value = document["value"]
    if document["operator"] in DURATIONS:
        return {"value": value[:-1], "value-unit": value[-1]}
    if document["operator"] == "between":
        return {"value": value[0], "value2": value[1]}
    is_list = isinstance(value, list) or document.get("metric") == "level"
    several = document["operator"] in LISTS or is_list
    return (
        {"values": value if isinstance(value, list) else [value]} if several else {"value": value}
    )


def _filled_happened(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {"event": document.get("event_type", "")}
    count = _plain_count(document.get("count"))
    if count == {"operator": "equals", "value": 0}:
        values["times"] = "never"
    elif count:
        values |= {"times": count["operator"], "count": count["value"]}
    within = document.get("within", {})
    if "last" in within:
        values |= {"within": "last", "last": within["last"][:-1], "last-unit": within["last"][-1]}
    elif within:
        values |= within | {"within": "between" if len(within) == 2 else next(iter(within))}
    for detail in document.get("where", ())[:1]:
        values |= {
            "detail": "detail",
            "path": detail["path"],
            "path-operator": detail["operator"],
            "path-value": detail.get("value", ""),
        }
    return values


def _plain_count(count: Any) -> Any:
    """More than two are at least three, and fewer than three at most two."""
    steps = {"gt": ("gte", 1), "lt": ("lte", -1)}
    if not count or count["operator"] not in steps:
        return count
    operator, step = steps[count["operator"]]
    return {"operator": operator, "value": count["value"] + step}


def plain(document: Any) -> Any:
    """A rule without what means nothing: groups of one, and two ways to say one thing."""
    if isinstance(document, list):
        return [plain(item) for item in document]
    if not isinstance(document, dict):
        return document
    for word in ("all", "any"):
        if len(inner := document.get(word, ())) == 1:
            return plain(inner[0])
    kept = {name: _plain_list(name, plain(value)) for name, value in document.items()}
    return kept | ({"count": _plain_count(kept["count"])} if kept.get("count") else {})


def _plain_list(name: str, value: Any) -> Any:
    """Of several values, neither the order counts nor how often one is named."""
    is_several = name in ("value", "values") and isinstance(value, list)
    return sorted(set(value)) if is_several and all(isinstance(v, str) for v in value) else value


def is_drawable(document: Any, vocabulary: Vocabulary) -> bool:
    """Whether the builder's inputs can say all that a rule says."""
    try:
        draft = draft_from(document)
        written = document_of(draft, vocabulary).document
    except (KeyError, TypeError, AttributeError, IndexError):
        return False
    rows = [row_of(each, vocabulary) for each in draft.walk() if not each.is_group]
    return plain(written) == plain(document) and all(map(_fits, rows))


def _fits(row: Row) -> bool:
    """Whether the inputs offer what is chosen in them."""
    return row.choice is not None and all(map(_offers, row.inputs))


def _offers(given: Input) -> bool:
    if given.kind == "ticks":
        return set(given.chosen) <= set(dict(given.options))
    return given.kind != "select" or not given.value or given.value in dict(given.options)
