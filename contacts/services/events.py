"""Recording what contacts did: batches of events, stored and added up by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.cleaning.events import NOBODY, Event, Patch, Who, clean_event
from contacts.engagement import weighing
from contacts.machines import hurried_events, is_machine
from contacts.models import ContactEvent, Website
from contacts.models.event import EMAIL_CLICKED
from contacts.selectors.known import known_keys
from contacts.services.contacts import contacts_upsert
from contacts.services.waking import wake_on_commit
from organizations.locks import LockSpace, lock_organization
from organizations.models import Organization
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

MOST = 10_000
# Seconds: whoever opens a mail sooner after it was sent, or clicks three of its links within, is a machine.
SPEED, BURST = 2, 1


@dataclass(slots=True)
class Recorded:
    """What became of a batch: how many events were stored, how many had come before, and which were refused, why."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[tuple[int, ValidationError]] = field(default_factory=list)


@transaction.atomic
def events_record(
    *,
    events: Sequence[Mapping[str, Any]],
    actor: Actor,
    create_unknown: bool = False,
    now: datetime | None = None,
) -> Recorded:
    """Store events as programs send them: {message_id, event_type, contact: {id | external_id | email}, occurred_at,
    data, source, source_id, campaign, automation, website}; without `contact` they are nobody's yet.

    Contacts' figures and the feed are written with them. What came before (`message_id`) counts as a duplicate; an
    invalid event is refused, and the others are kept. With `create_unknown` people whom nobody knows are made. A
    constant number of statements for up to 10,000 events. Locks the organization's contacts.
    """
    if len(events) > MOST:
        raise ValidationError(f"Send {MOST:,} events at most in one batch.", code="too_many")
    now = now or timezone.now()
    cleaned, repeats, recorded = _cleaned(events, now)
    if not cleaned:
        return recorded
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    if create_unknown:
        _create_unknown(cleaned.values(), actor)
    _write(cleaned, repeats, recorded, now)
    wake_on_commit(current_organization_id())
    return recorded


def _cleaned(
    events: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[dict[int, Event], dict[int, int], Recorded]:
    """The events that can be stored, by their index, the first of each message id; and the later ones: which they repeat."""
    recorded, cleaned, repeats = Recorded(), {}, {}
    websites = set(Website.objects.values_list("pk", flat=True))
    seen: dict[str, int] = {}
    for index, document in enumerate(events):
        try:
            event = clean_event(document, now=now, websites=websites)
        except ValidationError as error:
            recorded.rejected.append((index, error))
            continue
        if event.message_id in seen:
            repeats[index] = seen[event.message_id]
            continue
        seen[event.message_id] = index
        cleaned[index] = event
    return cleaned, repeats, recorded


def _create_unknown(events: Any, actor: Actor) -> None:
    """Make those whom nobody knows by the address or id that events give. Who is known stays as they are."""
    for match, column in (("email", "email_key"), ("external_id", "external_id")):
        patches: dict[str, Patch] = {}
        for event in events:
            if key := event.key(column):
                patches.setdefault(key, event.patch)
        missing = set(patches) - known_keys(column=column, keys=list(patches))
        if missing:
            missing -= _sent_before(events, column, missing)
        rows = [(key, patch) for key, patch in patches.items() if key in missing]
        if rows:
            contacts_upsert(rows=rows, match=match, mode="create", actor=actor)  # type: ignore[arg-type]


def _sent_before(events: Any, column: str, keys: set[str]) -> set[str]:
    """Those keys of whom every event was stored before: they are known no more because they were deleted since."""
    mine = [event for event in events if event.key(column) in keys]
    ids = [event.message_id for event in mine]
    stored = ContactEvent.objects.filter(message_id__in=ids).values_list("message_id", flat=True)
    new = set(ids) - set(stored)
    return keys - {event.key(column) for event in mine if event.message_id in new}


def _write(
    cleaned: Mapping[int, Event], repeats: Mapping[int, int], recorded: Recorded, now: datetime
) -> None:
    rows = fetch_all(statement("contacts", "events_write"), _params(list(cleaned.values()), now))
    indexes = list(cleaned)
    for place, contact_id, is_anonymous, is_stored in rows:
        if is_stored:
            recorded.accepted += 1
        elif contact_id is None and not is_anonymous:
            recorded.rejected.append((indexes[place], _unknown()))
        else:
            recorded.duplicates += 1
    refused = dict(recorded.rejected)
    for index, first in repeats.items():
        # What repeats one that was refused is not stored either, and is no duplicate of anything.
        if first in refused:
            recorded.rejected.append((index, refused[first]))
        else:
            recorded.duplicates += 1
    recorded.rejected.sort(key=lambda each: each[0])


def _unknown() -> ValidationError:
    message = "Nobody has this id or address. Make the contact first, or send create_unknown."
    return ValidationError({"contact": ValidationError(message, code="unknown_contact")})


def _params(events: Sequence[Event], now: datetime) -> dict[str, Any]:
    organization = Organization.objects.get(pk=current_organization_id())
    people = {
        who: number for number, who in enumerate(dict.fromkeys(each.who for each in events), 1)
    }
    people.pop(NOBODY, None)
    return {
        "organization_id": organization.pk,
        "now": now,
        "speed": SPEED,
        "burst": BURST,
        "people": orjson.dumps(
            [
                {"person": number, "id": pk, "external_id": external_id, "email_key": email_key}
                for (pk, external_id, email_key), number in people.items()
            ]
        ).decode(),
        "events": orjson.dumps(_documents(events, people, organization)).decode(),
    }


def _documents(
    events: Sequence[Event], people: Mapping[Who, int], organization: Organization
) -> list[dict[str, Any]]:
    """Events as the statement reads them."""
    weight = weighing(organization)
    hurried = hurried_events(events, speed=SPEED, burst=BURST)
    return [
        {
            "place": place,
            "person": people.get(event.who),
            "event_type": event.event_type,
            "data": orjson.Fragment(event.data),
            "url": event.url if event.event_type == EMAIL_CLICKED else "",
            "source": event.source,
            "source_id": event.source_id,
            "campaign_id": event.campaign,
            "automation_id": event.automation,
            "website_id": event.website,
            "occurred_at": event.occurred_at,
            "message_id": event.message_id,
            "is_machine": place in hurried or is_machine(event.event_type, event.user_agent),
            "weight": weight(event.event_type, event.occurred_at),
        }
        for place, event in enumerate(events)
    ]
