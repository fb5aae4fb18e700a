"""Events: through Kith's service in batches of 10,000, the floor that PostgreSQL sets, and one row at a time."""

import random
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from benchmarks.importing import ACTOR, restart
from benchmarks.machine import machine
from contacts.models import Contact, ContactEngagement, ContactEvent
from contacts.services.engagement import engagement_rebuild
from contacts.services.events import events_record
from organizations.models import Organization
from organizations.scope import organization_scope

SQL = Path(__file__).parent / "sql"
BATCH, PEER_ROWS, SETTLED = 10_000, 2_000, 5
NOW = datetime(2026, 3, 1, tzinfo=UTC)
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0",
)
KINDS = ("email_sent", "email_opened", "email_opened", "email_clicked", "page_visited")


def run(rows: int) -> dict[str, Any]:
    """Record `rows` events of a fifth as many people; running figures and those computed anew must be the same."""
    floor = _measured(rows, _floor)
    kith = _measured(rows, _kith)
    peer = _measured(min(rows, PEER_ROWS), _one_by_one)
    return _report(rows, floor, kith, peer)


def _measured(rows: int, contender: Any) -> dict[str, float]:
    organization = restart()
    people = max(rows // 5, 1_000)
    with organization_scope(organization):
        _make_people(organization, people)
        seconds, peaks = 0.0, []
        for batch in _batches(rows, people):
            begin = time.perf_counter()
            contender(batch)
            seconds += time.perf_counter() - begin
            peaks.append(_peak_kb())
        if ContactEvent.objects.count() != rows:
            raise RuntimeError("Events are missing.")
        if contender is _kith and engagement_rebuild():
            raise RuntimeError("Running figures are not those of the events.")
    # The first batches find out how much one takes.
    settled = peaks[min(SETTLED, len(peaks)) - 1]
    return {
        "rate": rows / seconds,
        "peak_mb": peaks[-1] / 1024,
        "grown_mb": (peaks[-1] - settled) / 1024,
    }


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _make_people(organization: Organization, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            (SQL / "events_people.sql").read_text(encoding="utf-8"),
            {"organization_id": organization.pk, "count": count},
        )
        cursor.execute("analyze contacts")


def _batches(rows: int, people: int) -> Iterator[list[dict[str, Any]]]:
    rng = random.Random(7)
    for start in range(0, rows, BATCH):
        yield [_event(rng, number, people) for number in range(start, min(start + BATCH, rows))]


def _event(rng: random.Random, number: int, people: int) -> dict[str, Any]:
    """An event of somebody, found by address as senders of mail know people."""
    person = rng.randrange(people)
    mail = number // (people or 1) + 1
    return {
        "message_id": f"message-{number}",
        "event_type": rng.choice(KINDS),
        "contact": {"email": f"person{person}@example.org"},
        "occurred_at": (NOW - timedelta(seconds=rng.randrange(90 * 86_400))).isoformat(),
        "source": "mail",
        "source_id": f"mail-{mail}",
        "campaign": mail,
        "data": {"url": f"/offers/{rng.randrange(50)}", "user_agent": rng.choice(AGENTS)},
    }


def _kith(batch: list[dict[str, Any]]) -> None:
    recorded = events_record(events=batch, actor=ACTOR, now=NOW)
    if recorded.accepted != len(batch):
        raise RuntimeError(f"{recorded.rejected[:1]}")


def _floor(batch: list[dict[str, Any]]) -> None:
    """`COPY`, and the fewest statements that fill the same tables, with no check of anything."""
    first, fill = (SQL / "events_floor.sql").read_text(encoding="utf-8").split(";\n")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(first)
        columns = "message_id, event_type, email, occurred_at, source, source_id, campaign, data"
        with cursor.copy(f"copy incoming ({columns}) from stdin") as copy:
            for event in batch:
                copy.write_row(_row(event))
        cursor.execute(fill, {"organization_id": Organization.objects.latest("pk").pk, "now": NOW})


def _row(event: dict[str, Any]) -> tuple[Any, ...]:
    import orjson

    return (
        event["message_id"],
        event["event_type"],
        event["contact"]["email"],
        event["occurred_at"],
        event["source"],
        event["source_id"],
        event["campaign"],
        orjson.dumps(event["data"]).decode(),
    )


def _one_by_one(batch: list[dict[str, Any]]) -> None:
    """A transaction an event, as programs do that handle each by itself; without score, marks and changes."""
    for event in batch:
        with transaction.atomic():
            contact = Contact.objects.get(email_key=event["contact"]["email"])
            occurred_at = datetime.fromisoformat(event["occurred_at"])
            stored = ContactEvent.objects.create(
                contact=contact,
                event_type=event["event_type"],
                event_data=event["data"],
                source=event["source"],
                source_id=event["source_id"],
                campaign_id=event["campaign"],
                occurred_at=occurred_at,
                received_at=NOW,
                message_id=event["message_id"],
            )
            ContactEngagement.objects.get_or_create(contact=contact)
            ContactEngagement.objects.filter(contact=contact).update(
                total_emails_opened=F("total_emails_opened")
                + int(stored.event_type == "email_opened"),
                last_engaged_at=Greatest("last_engaged_at", occurred_at),
            )


def _report(rows: int, floor: Any, kith: Any, peer: Any) -> dict[str, Any]:
    print(f"{rows:,} events of {max(rows // 5, 1_000):,} people on {machine()}\n")
    print(f"| {'contender':<42} | {'events/s':>8} |\n|{'-' * 44}|{'-' * 9}:|")
    for name, measured in (
        ("Kith: in batches of 10,000", kith),
        ("floor: COPY and set-based SQL", floor),
        ("one at a time, through the ORM", peer),
    ):
        print(f"| {name:<42} | {measured['rate']:>8,.0f} |")
    print(
        f"\nPeak memory: {kith['peak_mb']:.0f} MB, "
        f"{kith['grown_mb']:.1f} of which came after the first {SETTLED} batches"
    )
    return {
        "benchmark": "events",
        "rows": rows,
        "rows_per_second": round(kith["rate"]),
        "peak_mb": round(kith["peak_mb"]),
        "grown_mb": round(kith["grown_mb"]),
        "ratio_to_floor": round(kith["rate"] / floor["rate"], 2),
        "ratio_to_one_by_one": round(kith["rate"] / peer["rate"], 1),
    }
