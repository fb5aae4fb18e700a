"""The timeline of a contact: what happened, what people did with them and what was changed, latest first."""

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.models import Contact, ContactActivity, ContactEvent, ContactHistory
from contacts.selectors.event_words import event_details, event_subject, event_words
from contacts.selectors.history import history_entries
from contacts.selectors.latest_events import latest_events
from contacts.selectors.places import places_of
from contacts.timeline import BIGGEST, Bound, Moment, Source, latest_moments, timeline_sources

PAGE = 50
PINNED = 20


@dataclass(frozen=True, slots=True)
class Happening:
    """Something on a timeline, as its source's template shows it; the latest of `count` that are alike."""

    source: Source
    at: datetime
    pk: int
    row: Any
    item: Any = None
    count: int = 1
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some happenings, latest first, and the cursor of older ones (None where there are none)."""

    happenings: list[Happening]
    older: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    """Behind which happening a page begins."""

    at: datetime
    source: str
    pk: int

    def encode(self) -> str:
        text = json.dumps([self.at.isoformat(), self.source, self.pk])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


_UNREADABLE = (ValueError, TypeError, OverflowError, RecursionError, binascii.Error)


def _cursor(text: str) -> _Cursor:
    try:
        padded = text + "=" * (-len(text) % 4)
        moment, source, pk = json.loads(base64.urlsafe_b64decode(padded.encode()))
        at = datetime.fromisoformat(moment)
        is_known = source in {each.name for each in timeline_sources()}
        if at.tzinfo is None or not is_known or type(pk) is not int or not 0 <= pk <= BIGGEST:
            raise ValueError
        return _Cursor(at, source, pk)
    except _UNREADABLE as error:
        message = "This cursor is not one that was given out. Start without a cursor."
        raise ValidationError({"cursor": message}) from error


def contact_timeline(
    *, contact: Contact, before: str | None = None, limit: int = PAGE, kinds: Collection[str] = ()
) -> Timeline:
    """A page of a contact's timeline behind a cursor, of some kinds (names of sources) or all.

    A constant number of queries. Raises ValidationError for a cursor that was not given out, and for unknown kinds.
    """
    sources, cursor = timeline_sources(), _cursor(before) if before else None
    if unknown := set(kinds) - {each.name for each in sources}:
        known = ", ".join(each.name for each in sources)
        message = f"There is no kind {sorted(unknown)[0][:80]}; there are {known}."
        raise ValidationError({"kind": ValidationError(message, code="invalid")})
    found: list[tuple[int, Source, Moment]] = []
    for rank, source in enumerate(sources):
        if not kinds or source.name in kinds:
            bound = _bound(cursor, rank, sources) if cursor else None
            found += ((rank, source, each) for each in source.take(contact.pk, bound, limit + 1))
    found.sort(key=lambda each: (each[2].at, -each[0], each[2].pk), reverse=True)
    page = [Happening(source, each.at, each.pk, each.row) for _, source, each in found[:limit]]
    return Timeline(page, _behind(page[-1]) if len(found) > limit else None)


def _behind(last: Happening) -> str:
    return _Cursor(last.at, last.source.name, last.pk).encode()


def _bound(cursor: _Cursor, rank: int, sources: Sequence[Source]) -> Bound:
    """What of a source lies behind a cursor: at the same time, sources come one behind the other."""
    of_cursor = [each.name for each in sources].index(cursor.source)
    below = cursor.pk if rank == of_cursor else BIGGEST if rank > of_cursor else 0
    return Bound(cursor.at, below)


def timeline_days(
    *, contact: Contact, happenings: Sequence[Happening]
) -> list[tuple[date, list[Happening]]]:
    """Happenings by day, in the current timezone, those that are alike as one. A constant number of queries."""
    days = groupby(happenings, key=lambda each: timezone.localtime(each.at).date())
    told = [(day, _collapsed(list(of_day))) for day, of_day in days]
    items = _items(contact, [each for _, of_day in told for each in of_day])
    return [
        (day, [_with_item(each, items[each.source.name, each.pk]) for each in of_day])
        for day, of_day in told
    ]


def _collapsed(happenings: Sequence[Happening]) -> list[Happening]:
    """Those of a day that are alike as one, where the latest of them stands."""
    alike: dict[Any, list[Happening]] = {}
    for each in happenings:
        alike.setdefault((each.source.name, each.source.key(each.row)), []).append(each)
    return [
        Happening(
            group[0].source, group[0].at, group[0].pk, group[0].row, None, len(group), group[-1].at
        )
        for group in alike.values()
    ]


def _items(contact: Contact, happenings: Sequence[Happening]) -> dict[tuple[str, int], Any]:
    """What templates show, by source and number."""
    items: dict[tuple[str, int], Any] = {}
    for source in timeline_sources():
        own = [each for each in happenings if each.source.name == source.name]
        read = source.read(contact.pk, [each.row for each in own]) if own else ()
        items |= {(source.name, each.pk): item for each, item in zip(own, read, strict=True)}
    return items


def _with_item(each: Happening, item: Any) -> Happening:
    return Happening(each.source, each.at, each.pk, each.row, item, each.count, each.first_at)


def pinned_activities(*, contact: Contact) -> list[ContactActivity]:
    """What is pinned to the top of a contact's page, latest first. One query."""
    rows = ContactActivity.objects.filter(contact=contact, is_pinned=True)
    return list(rows.select_related("created_by").order_by("-occurred_at", "-pk")[:PINNED])


@dataclass(frozen=True, slots=True)
class EventItem:
    """An event in words."""

    row: ContactEvent
    words: str
    subject: str
    details: Sequence[tuple[str, str]]


def _take_mails(contact_id: int, bound: Bound | None, amount: int) -> list[Moment]:
    return _moments(latest_events(contact_id=contact_id, bound=bound, amount=amount, is_mail=True))


def _take_others(contact_id: int, bound: Bound | None, amount: int) -> list[Moment]:
    return _moments(latest_events(contact_id=contact_id, bound=bound, amount=amount, is_mail=False))


def _moments(events: Sequence[ContactEvent]) -> list[Moment]:
    return [Moment(each.occurred_at, each.pk, each) for each in events]


def _read_events(contact_id: int, rows: Sequence[ContactEvent]) -> list[EventItem]:
    return [
        EventItem(row, event_words(row.event_type), event_subject(row), event_details(row))
        for row in rows
    ]


def _event_key(row: ContactEvent) -> Any:
    about = event_subject(row), event_details(row)
    return row.event_type, row.source, row.source_id, row.is_machine, about


def _take_activities(contact_id: int, bound: Bound | None, amount: int) -> list[Moment]:
    rows = ContactActivity.objects.filter(contact_id=contact_id).select_related("created_by")
    return latest_moments(rows, "occurred_at", bound, amount)


def _read_activities(contact_id: int, rows: Sequence[ContactActivity]) -> Sequence[Any]:
    return rows


def _take_history(contact_id: int, bound: Bound | None, amount: int) -> list[Moment]:
    rows = ContactHistory.objects.filter(contact_id=contact_id)
    rows = rows.select_related("operation", "operation__api_key", "changed_by")
    return latest_moments(rows, "changed_at", bound, amount)


def _read_history(contact_id: int, rows: Sequence[ContactHistory]) -> Sequence[Any]:
    return history_entries(rows, places_of(contact_id=contact_id, changes=rows))


SOURCES = (
    Source(
        "activities",
        "Notes and activities",
        "contacts/timeline/activity.html",
        _take_activities,
        _read_activities,
    ),
    Source(
        "emails",
        "E-mails",
        "contacts/timeline/event.html",
        _take_mails,
        _read_events,
        _event_key,
    ),
    Source(
        "events",
        "Visits and other events",
        "contacts/timeline/event.html",
        _take_others,
        _read_events,
        _event_key,
    ),
    Source(
        "history",
        "Changes",
        "contacts/timeline/change.html",
        _take_history,
        _read_history,
    ),
)
