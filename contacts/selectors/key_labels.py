"""What people call the keys of patches and history, and how they read the values."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.models import (
    Contact,
    IdentifierKind,
    PreferenceType,
    RelationshipType,
)
from contacts.selectors.definitions import custom_field_definitions

FURTHER = {
    IdentifierKind.EMAIL: "Further e-mail",
    IdentifierKind.PHONE: "Further phone",
    IdentifierKind.EXTERNAL_ID: "Further external ID",
    IdentifierKind.ANONYMOUS_ID: "Anonymous ID",
}
# As dates and points in time are stored.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?\Z", re.ASCII)


Source = Callable[[Collection[str]], Mapping[str, str]]
_sources: list[Source] = []
# By the kind of keys, such as "segment" of `segment:5`.
_words: dict[str, Mapping[Any, str]] = {}


def labels_register(source: Source) -> None:
    """Let an upper floor name the keys of its facet; called from AppConfig.ready()."""
    _sources.append(source)


def value_words_register(kind: str, words: Mapping[Any, str]) -> None:
    """Let an upper floor say what each value of its keys means; called from AppConfig.ready()."""
    _words[kind] = words


def key_labels(keys: Iterable[str]) -> dict[str, str]:
    """Labels by key, and by `contact:<id>` the names of those whom relations lead to. A constant number of queries."""
    asked = set(keys)
    labels = dict(ATTRIBUTE_LABELS)
    for source in (_custom_labels, _own_labels, *_sources):
        labels |= source(asked)
    return labels


def _custom_labels(keys: Collection[str]) -> dict[str, str]:
    return {f"custom:{each.key}": each.label for each in custom_field_definitions()}


def _own_labels(keys: Collection[str]) -> dict[str, str]:
    """Kinds of mail, relations, further keys."""
    mail = {f"preference:{kind.key}": f"{kind.label} mail" for kind in PreferenceType.objects.all()}
    relations = {kind.key: kind.label for kind in RelationshipType.objects.all()}
    related = {key: key.split(":")[1:] for key in keys if key.startswith("related:")}
    people = Contact.with_deleted.filter(pk__in={int(pk) for _, pk in related.values()})
    return (
        mail
        | {key: relations.get(kind, kind) for key, (kind, _) in related.items()}
        | {f"contact:{each.pk}": each.display_name for each in people.defer("search_vector")}
        | {
            key: FURTHER[IdentifierKind(key.split(":")[1])]
            for key in keys
            if key[:11] == "identifier:"
        }
        | {key: "Suppressed" for key in keys if key.startswith("suppression:")}
    )


def key_label(key: str, labels: Mapping[str, str]) -> str:
    if key in labels:
        return labels[key]
    kind, _, rest = key.partition(":")
    named = {
        "tag": f"{rest} (deleted)",
        "custom": f"{rest} (deleted field)",
        "preference": f"{rest} mail",
        "deleted_at": "Deleted",
        "paused_until": "Mail paused until",
    }
    return named.get(kind, key.replace("_", " ").capitalize())


def moment_said(value: str) -> str:
    """A stored date or time written out in the current timezone, so that 03/04 is seen to be a month and a day; other
    text as it is.
    """
    if not _MOMENT.match(value):
        return value
    if len(value) == 10:
        day = parse_date(value)
        return date_format(day, "j F Y") if day else value
    moment = parse_datetime(value)
    return date_format(timezone.localtime(moment), "j F Y, H:i") if moment else value


def key_value(key: str, value: Any, labels: Mapping[str, str]) -> str:
    kind = key.partition(":")[0]
    if kind in _words:
        return _words[kind][value]
    if key == "deleted_at":
        return "yes" if value else "no"
    if value is None or value == "":
        return "—"
    if key == "paused_until":
        return date_format(timezone.localtime(datetime.fromisoformat(value)), "j F Y, H:i")
    if isinstance(value, bool):
        return _truth(key, value, labels)
    if isinstance(value, dict):
        return str(value.get("reason", value))
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return (
        moment_said(value) if key.startswith("custom:") and isinstance(value, str) else str(value)
    )


def _truth(key: str, value: bool, labels: Mapping[str, str]) -> str:
    """Yes or no; of a relation, whom it leads to."""
    if key.startswith("related:"):
        pk = key.rpartition(":")[2]
        return labels.get(f"contact:{pk}", f"contact {pk}")
    return "yes" if value else "no"
