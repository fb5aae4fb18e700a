"""Events as programs send them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError

from contacts.cleaning.documents import OBJECT, clean_document
from contacts.cleaning.emails import clean_email
from contacts.cleaning.errors import CleaningError, shown
from contacts.models.event import LONGEST_NAME

NAMES = frozenset(
    (
        "message_id",
        "event_type",
        "contact",
        "occurred_at",
        "data",
        "source",
        "source_id",
        "campaign",
        "automation",
        "website",
    )
)
BIGGEST = 2**63 - 1
Patch = dict[str, Any]


# How a contact is found: by id, external id, address.
Who = tuple[int | None, str | None, str | None]
NOBODY: Who = (None, None, None)


@dataclass(slots=True)
class Event:
    """An event that can be stored. `data` is JSON; `patch` is what makes its contact where nobody is known."""

    message_id: str
    event_type: str
    occurred_at: datetime
    who: Who
    patch: Patch
    data: bytes
    # Of `data`: what machines are known by.
    user_agent: str
    url: str
    source: str
    source_id: str
    campaign: int | None
    automation: int | None
    website: int | None

    def key(self, column: str) -> str | None:
        """The key of its contact, by which it would be made."""
        _, external_id, email_key = self.who
        return email_key if column == "email_key" else external_id


class _Refused(Exception):
    def __init__(self, path: str, code: str, message: str) -> None:
        self.path, self.code, self.message = path, code, message


def clean_event(
    document: Mapping[str, Any], *, now: datetime, websites: Collection[int] = ()
) -> Event:
    """The event of a document; one that lies in the future is of now. Raises ValidationError by path."""
    try:
        return _cleaned(document, now, websites)
    except _Refused as refused:
        error = ValidationError(refused.message, code=refused.code)
        raise ValidationError({refused.path: error}) from refused


def _cleaned(document: Any, now: datetime, websites: Collection[int]) -> Event:
    if not isinstance(document, OBJECT):
        raise _Refused("event", "wrong_type", "An event is an object.")
    if not document.keys() <= NAMES:
        name = next(str(name) for name in document if name not in NAMES)
        raise _Refused(name[:80], "unknown_field", f"Events have no field {shown(name)}.")
    data, website = document.get("data") or {}, _number(document, "website")
    if website is not None and website not in websites:
        raise _Refused("website", "unknown_id", f"There is no website {website}.")
    contact = document.get("contact")
    who, patch = _contact(contact) if contact is not None else (NOBODY, {})
    return Event(
        _text(document, "message_id", 200, required=True),
        _text(document, "event_type", LONGEST_NAME, required=True),
        _moment(document.get("occurred_at"), now),
        who,
        patch,
        _data(data) if data else b"{}",
        _word(data, "user_agent"),
        _word(data, "url"),
        _text(document, "source", 100),
        _text(document, "source_id", 200),
        _number(document, "campaign"),
        _number(document, "automation"),
        website,
    )


def _text(document: Mapping[str, Any], name: str, length: int, *, required: bool = False) -> str:
    value = document.get(name)
    if type(value) is str and value and len(value) <= length and _is_plain(value):
        return value
    if value is None or value == "":
        if required:
            raise _Refused(name, "required", f"Give “{name}”.")
        return ""
    if not isinstance(value, str):
        raise _Refused(name, "wrong_type", "Give a text.")
    if len(value) > length:
        raise _Refused(name, "too_long", f"Give {length} characters at most.")
    if not _is_plain(value):
        raise _Refused(
            name, "wrong_type", "Give a text without control characters and blanks around."
        )
    return value


def _is_plain(text: str) -> bool:
    """Whether it has neither control characters nor blanks around; of blanks, only the space can be printed."""
    return text.isprintable() and text[0] != " " and text[-1] != " "


def _number(document: Mapping[str, Any], name: str) -> int | None:
    value = document.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= BIGGEST:
        raise _Refused(name, "wrong_type", "Give the number of one.")
    return value


def _moment(value: Any, now: datetime) -> datetime:
    if value is None:
        return now
    if isinstance(value, datetime):
        moment = value
    else:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            message = f"{shown(str(value))} is not a time such as 2026-01-31T12:00:00Z."
            raise _Refused("occurred_at", "date", message) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.year < 1970:
        raise _Refused("occurred_at", "date", "Events are of 1970 or later.")
    # Clocks of senders go wrong, and nothing happens in the future.
    return min(moment, now)


def _data(value: Any) -> bytes:
    try:
        return clean_document(value)
    except CleaningError as error:
        raise _Refused("data", error.code, error.message) from error


def _word(data: Any, name: str) -> str:
    word = data.get(name)
    return word if isinstance(word, str) else ""


def _contact(value: Any) -> tuple[Who, Patch]:
    """How the contact is found, by the one key that is given, and what would make it."""
    if isinstance(value, OBJECT) and len(value) == 1:
        ((name, key),) = value.items()
        if name in _FOUND:
            return _FOUND[name](key)
    raise _Refused(
        "contact", "wrong_type", "Give one of {“id”: …}, {“external_id”: …}, {“email”: …}."
    )


def _by_id(key: Any) -> tuple[Who, Patch]:
    number = _number({"contact.id": key}, "contact.id")
    if number is None:
        raise _Refused("contact.id", "required", "Give the number of one.")
    return (number, None, None), {}


def _by_external_id(key: Any) -> tuple[Who, Patch]:
    text = _text({"contact.external_id": key}, "contact.external_id", 200, required=True)
    return (None, text, None), {"external_id": text}


def _by_email(key: Any) -> tuple[Who, Patch]:
    text = _text({"contact.email": key}, "contact.email", 320, required=True)
    try:
        spelling, email_key = clean_email(text)
    except CleaningError as error:
        raise _Refused("contact.email", error.code, error.message) from error
    return (None, None, email_key), {"email": spelling, "email_key": email_key}


_FOUND: dict[str, Callable[[Any], tuple[Who, Patch]]] = {
    "id": _by_id,
    "external_id": _by_external_id,
    "email": _by_email,
}
