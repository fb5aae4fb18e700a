"""Segments with many contacts in one organization: computing them, following changes, and the passing of time."""

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.machine import machine
from benchmarks.one_by_one import Loop, emptied, looped, sample
from benchmarks.segment_rules import CITIES, NAMES, SQL, wanted_by_hand
from benchmarks.segment_world import compute, filled, segmented, writing
from benchmarks.worker import peak_of
from contacts.actors import Actor
from contacts.models import Contact, Door
from contacts.services.contacts import contacts_upsert
from contacts.services.events import events_record
from contacts.services.feed import changes_process
from organizations.locks import LockSpace, lock_organization
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentMembership
from segments.services.following import time_follow
from segments.services.refreshing import segment_refresh_start
from segments.services.segments import segment_delete
from tags.models import Tag

ACTOR = Actor(door=Door.COMMAND)
RUNS, ROUNDS, SWEEPS = 3, 7, 10
# Rounds that are not counted: what they fetch from the disk is there afterwards.
WARM_UP = 3
CHANGED = 1_000
WRITTEN = ("contact_segment_memberships", "contact_segment_membership_log", "contact_changes")


@dataclass(frozen=True, slots=True)
class Computed:
    """A rule: the seconds that each way takes, best of three; `drift`: a twentieth of the members being wrong."""

    name: str
    members: int
    kith: float
    floor: float
    kith_drift: float
    floor_drift: float
    unchanged: float
    floor_unchanged: float
    rows_unchanged: int
    loop: Loop


@dataclass(frozen=True, slots=True)
class Followed:
    """An organization of one size: seconds for a thousand changed contacts, and for a sweep of 30 seconds."""

    contacts: int
    changes: float
    time: float
    asked: int


def run(rows: int) -> dict[str, Any]:
    """Follow changes and time in organizations of a tenth of `rows` and of `rows`, and compute segments of the latter."""
    small, _ = _sized(rows // 10)
    large, computed = _sized(rows, is_computed=True)
    return _report(rows, computed, [small, large])


def _sized(rows: int, *, is_computed: bool = False) -> tuple[Followed, list[Computed]]:
    organization = filled(rows)
    with organization_scope(organization):
        segments = segmented()
        followed = _followed(organization, rows, len(segments))
        return followed, _computed(segments) if is_computed else []


def _followed(organization: Organization, rows: int, segments: int) -> Followed:
    changes = [_changes(organization, number) for number in range(WARM_UP + ROUNDS)][WARM_UP:]
    if Segment.objects.filter(status="ready").count() != segments:
        left = Segment.objects.exclude(status="ready").values_list("name", "status", "error")
        raise RuntimeError(f"Some segments are not followed: {list(left)[:3]}")
    sweeps = _sweeps(organization)
    asked = sum(asked for _, asked in sweeps)
    times = [seconds for seconds, _ in sweeps]
    return Followed(rows, statistics.median(changes), statistics.median(times), asked)


def _changes(organization: Organization, number: int) -> float:
    """A thousand contacts move, get older and get a tag, and some of them open and click; how long it takes to follow."""
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True))[number:]
    everyday(ids[:: len(ids) // CHANGED][:CHANGED], number)
    return _timed(lambda: changes_process(organization_id=organization.pk, seconds=600))


def everyday(ids: list[int], number: int) -> None:
    """What happens to people every day, as a thousand of them at once."""
    pick = random.Random(number)
    tags = list(Tag.objects.values_list("pk", flat=True))
    keys = Contact.objects.filter(pk__in=ids).values_list("email", flat=True)
    rows = [(key, _patch(pick, tags)) for key in keys]
    contacts_upsert(rows=rows, match="email", mode="update", actor=ACTOR)
    begin = timezone.now().isoformat()
    events = [
        {
            "message_id": f"{kind} {begin} {pk}",
            "event_type": kind,
            "contact": {"id": pk},
            "occurred_at": begin,
        }
        for kind in ("email_opened", "email_clicked")
        for pk in ids[::10]
    ]
    recorded = events_record(events=events, actor=ACTOR)
    if recorded.accepted != len(events):
        raise RuntimeError(f"Events were refused: {recorded.rejected[:3]}")


def _patch(pick: random.Random, tags: list[int]) -> dict[str, Any]:
    """Another city, another age, a tag."""
    return {
        "city": pick.choice(CITIES),
        "custom:age": pick.randint(18, 87),
        f"tag:{pick.choice(tags)}": True,
    }


def _sweeps(organization: Organization) -> list[tuple[float, int]]:
    now = timezone.now()
    Segment.objects.filter(knows_time=True).update(swept_until=now)
    return [
        _sweep(organization, now + number * timedelta(seconds=30))
        for number in range(1, SWEEPS + 1)
    ]


def _sweep(organization: Organization, now: Any) -> tuple[float, int]:
    begin = time.perf_counter()
    with transaction.atomic():
        lock_organization(LockSpace.CHANGES, organization.pk)
        asked = time_follow(now=now)
    return time.perf_counter() - begin, asked


def _timed(what: Callable[[], object]) -> float:
    begin = time.perf_counter()
    what()
    return time.perf_counter() - begin


def _computed(segments: list[Segment]) -> list[Computed]:
    """One rule after the other, the last first; without those that look at it, which would follow."""
    ids = sample()
    for other in segments[: len(NAMES) - 1 : -1]:
        segment_delete(segment=other)
    computed = []
    for number in reversed(range(len(NAMES))):
        computed.append(_one(number, segments, ids))
        segment_delete(segment=segments[number])
    return computed[::-1]


def _one(number: int, segments: list[Segment], ids: list[int]) -> Computed:
    segment = segments[number]
    _by_kith(segment)
    by_hand = _by_hand(wanted_by_hand()[number], segments)
    ways = [lambda: _by_kith(segment), lambda: by_hand(segment)]
    kith_drift, floor_drift = _best(ways, segment, _drifted)
    unchanged, floor_unchanged = _best(ways, segment, _untouched)
    before = _rows_written()
    _by_kith(segment)
    rows = _rows_written() - before
    kith, floor = _best(ways, segment, emptied)
    members = SegmentMembership.objects.filter(segment=segment).count()
    emptied(segment)
    loop = looped(segment, ids)
    return Computed(
        NAMES[number],
        members,
        kith,
        floor,
        kith_drift,
        floor_drift,
        unchanged,
        floor_unchanged,
        rows,
        loop,
    )


def _best(
    ways: list[Callable[[], float]], segment: Segment, begin: Callable[[Segment], None]
) -> list[float]:
    """The best of three for each way, one after the other, all from the same beginning; they have to end the same."""
    times: list[list[float]] = [[] for _ in ways]
    ends = set()
    for _ in range(RUNS):
        for place, way in enumerate(ways):
            begin(segment)
            times[place].append(way())
            ends.add(_fingerprint(segment))
    if len(ends) > 1:
        raise RuntimeError(f"Contenders differ about {segment}: {ends}")
    return [min(each) for each in times]


def _untouched(segment: Segment) -> None:
    """Everything is as it should be."""


def _drifted(segment: Segment) -> None:
    """A twentieth of the members is missing, and as large a part of the others is in."""
    params = {"organization_id": segment.organization_id, "segment_id": segment.pk}
    with writing() as pg:
        for statement in (SQL / "segment_drift.sql").read_text().split("----\n"):
            pg.execute(statement, params)
        pg.execute("vacuum analyze contact_segment_memberships, contact_segment_membership_log")


def _by_kith(segment: Segment) -> float:
    segment_refresh_start(segment=segment, reason="rules")
    return _timed(lambda: compute(segment))


def _by_hand(wanted: str, segments: list[Segment]) -> Callable[[Segment], float]:
    sql = (SQL / "segment_floor.sql").read_text().replace("{wanted}", wanted)
    params = {"first": segments[0].pk, "third": segments[2].pk}

    def write(segment: Segment) -> float:
        mine = {"organization_id": segment.organization_id, "segment_id": segment.pk}
        more = params | mine | {"now": timezone.now()}
        with connection.cursor() as cursor:
            return _timed(lambda: cursor.execute(sql, more))

    return write


def _fingerprint(segment: Segment) -> tuple[Any, ...]:
    """Who is in a segment: how many, and a sum of hashes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), sum(hashint8extended(contact_id, 0)::numeric) from contact_segment_memberships "
            "where organization_id = %s and segment_id = %s",
            [segment.organization_id, segment.pk],
        )
        return tuple(cursor.fetchone())


def _rows_written() -> int:
    """How many rows of memberships, log and changes have been written until now."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")
        cursor.execute(
            "select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables where relname = any(%s)",
            [list(WRITTEN)],
        )
        return int(cursor.fetchone()[0])


def _report(rows: int, computed: list[Computed], followed: list[Followed]) -> dict[str, Any]:
    print(f"Segments of {rows:,} contacts, {5 * rows:,} events, {2 * rows:,} tags on {machine()}\n")
    _print_computed(rows, computed)
    _print_followed(followed)
    peak = peak_of() / 1024
    print(f"\nPeak memory: {peak:.0f} MB")
    small, large = followed
    return {
        "benchmark": "segments",
        "rows": rows,
        "rows_per_second": round(rows * len(computed) / sum(each.kith for each in computed)),
        "peak_mb": round(peak),
        "ratio_to_floor": round(min(_ratios(each)[0] for each in computed), 2),
        "ratio_to_floor_drift": round(min(_ratios(each)[1] for each in computed), 2),
        "ratio_to_floor_unchanged": round(min(_ratios(each)[2] for each in computed), 2),
        "ratio_to_loop": round(min(each.loop.seconds_for(rows) / each.kith for each in computed)),
        "rows_written_unchanged": sum(each.rows_unchanged for each in computed),
        "incremental_ms": round(large.changes * 1000),
        "incremental_ms_of_a_tenth": round(small.changes * 1000),
        "ratio_to_a_tenth": round(small.changes / large.changes, 2),
        "sweep_ms": round(large.time * 1000),
        "sweep_ms_of_a_tenth": round(small.time * 1000),
    }


def _ratios(each: Computed) -> tuple[float, float, float]:
    """Floor to Kith: from nothing, with a twentieth wrong, with nothing to do."""
    return (
        each.floor / each.kith,
        each.floor_drift / each.kith_drift,
        each.floor_unchanged / each.unchanged,
    )


def _print_computed(rows: int, computed: list[Computed]) -> None:
    print("Seconds for a whole segment, best of three; by hand is one statement of SQL.")
    print("A loop was measured on a sample and is extrapolated to all contacts.\n")
    print(
        "| rule                         | members | all join | by hand | 5 % differ | by hand | nothing | by hand "
        "| rows then | loop |"
    )
    print(f"|{'-' * 30}|{'--------:|' * 8}{'-----:|'}")
    for each in computed:
        print(
            f"| {each.name:<28} | {each.members:>7,} | {each.kith:>8.2f} | {each.floor:>7.2f} "
            f"| {each.kith_drift:>10.2f} | {each.floor_drift:>7.2f} | {each.unchanged:>7.2f} "
            f"| {each.floor_unchanged:>7.2f} | {each.rows_unchanged:>9} | {each.loop.seconds_for(rows):>4.0f} |"
        )


def _print_followed(followed: list[Followed]) -> None:
    print(f"\nFollowing, 50 segments: median of {ROUNDS} rounds and of {SWEEPS} sweeps.\n")
    print("| contacts | 1,000 changed, ms | 30 s pass, ms | contacts asked by all sweeps |")
    print("|---------:|------------------:|--------------:|-----------------------------:|")
    for each in followed:
        print(
            f"| {each.contacts:>8,} | {each.changes * 1000:>17.0f} | {each.time * 1000:>13.0f} | {each.asked:>28} |"
        )
