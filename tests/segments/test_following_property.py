"""Whatever happens in whatever order, and however time passes: followed segments are as computed ones.

A world of few people with segments at random, some of which look at others; then edits, events, tags, deletions, undos,
pins and days that pass. After each step every segment has the members that its rules mean then, and none was computed
anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, ContactOperation
from contacts.services.activities import activity_add
from contacts.services.contacts import contacts_delete, contacts_patch
from contacts.services.events import events_record
from contacts.services.undo import operation_undo, undo_blocked_reason, undo_run
from organizations.models import Organization
from organizations.services.leases import lease_take
from segments.models import Segment, SegmentRefresh
from segments.selectors.members import members_at
from segments.services.pins import contacts_pin
from tags.models import Tag
from tests.contacts.rules.test_property import Undone
from tests.contacts.rules.worlds import (
    ACTIVITIES,
    CITIES,
    EVENTS,
    NOW,
    OFFSETS,
    TAGS,
    SmallWorld,
    attribute_rules,
    busy_worlds,
    days,
    engagement_rules,
    rules,
    settle,
    tag_rules,
    times,
    worlds,
)
from tests.factories import SCREEN
from tests.segments.making import follow, make_segment, members_of, pass_time, right_members

PEOPLE = st.integers(0, 4)
STEPS = 14
# Rules that time alone can flip, each kind as often as it has edges.
recent_events = st.fixed_dictionaries(
    {
        "type": st.just("event"),
        "event_type": st.sampled_from(EVENTS),
        "within": st.sampled_from(
            [{"last": "7d"}, {"last": "12h"}, {"last": "30d"}, {"after": "yesterday"}]
        ),
    },
    optional={"count": st.just({"operator": "gte", "value": 2})},
)
scores = st.fixed_dictionaries(
    {
        "type": st.just("engagement"),
        "metric": st.just("score"),
        "operator": st.sampled_from(["gte", "lt"]),
        "value": st.sampled_from([0.5, 1, 2, 4]),
    }
)
levels = st.fixed_dictionaries(
    {
        "type": st.just("engagement"),
        "metric": st.just("level"),
        "operator": st.just("equals"),
        "value": st.sampled_from(["engaged", "cooling"]),
    }
)
birthdays = st.fixed_dictionaries(
    {
        "type": st.just("custom_field"),
        "field": st.just("born"),
        "operator": st.just("anniversary_in_next"),
        "value": st.sampled_from(["1d", "7d", "30d"]),
    }
)
timed_rules = st.sampled_from(
    [
        recent_events,
        recent_events,
        scores,
        levels,
        birthdays,
        engagement_rules,
        times({"type": st.just("custom_field"), "field": st.just("born")}, is_date=True),
        times({"type": st.just("custom_field"), "field": st.just("seen")}, is_date=False),
        times({"type": st.just("attribute"), "field": st.just("created_at")}, is_date=False),
    ]
).flatmap(lambda kind: kind)
# Of whom others are related to.
related_rules = (attribute_rules | tag_rules | recent_events).map(
    lambda rule: {"type": "relationship", "relationship_type": "company", "related": rule}
)
waits = st.sampled_from(
    [
        timedelta(seconds=1),
        timedelta(hours=1),
        timedelta(hours=13),
        timedelta(days=1),
        timedelta(days=1),
        timedelta(days=7),
        timedelta(days=29),
        timedelta(days=61),
    ]
)
steps = st.one_of(
    st.tuples(
        st.just("patch"), PEOPLE, st.sampled_from(["city", "country"]), st.sampled_from(CITIES)
    ),
    st.tuples(
        st.just("patch"), PEOPLE, st.just("custom:born"), days().map(lambda day: day.isoformat())
    ),
    st.tuples(st.just("patch"), PEOPLE, st.just("custom:age"), st.sampled_from([None, 3, 30, 31])),
    st.tuples(
        st.just("patch"),
        PEOPLE,
        st.just("preference:marketing"),
        st.sampled_from([None, True, False]),
    ),
    st.tuples(st.just("tag"), PEOPLE, st.sampled_from(TAGS), st.booleans()),
    st.tuples(st.just("relate"), PEOPLE, PEOPLE, st.booleans()),
    st.tuples(st.just("event"), PEOPLE, st.sampled_from(EVENTS), st.sampled_from(OFFSETS)),
    st.tuples(st.just("activity"), PEOPLE, st.sampled_from(ACTIVITIES)),
    st.tuples(st.just("delete"), PEOPLE),
    st.tuples(st.just("undo")),
    st.tuples(st.just("pin"), PEOPLE, st.sampled_from([True, False, None])),
    st.tuples(st.just("wait"), waits),
)


class Life:
    """What happens to the people of a world."""

    def __init__(self, world: SmallWorld, segments: list[Segment], clock: Any) -> None:
        self.world, self.segments, self.clock = world, segments, clock
        self.count = 0

    def live(self, step: tuple[Any, ...]) -> None:
        name, *arguments = step
        getattr(self, f"_{name}")(*arguments)

    def _pk(self, number: int) -> int:
        return self.world.people[number].pk

    def _write(self, number: int, patch: dict[str, Any]) -> None:
        contacts_patch(ids=[self._pk(number)], patch=patch, actor=SCREEN, label="Edit")

    def _patch(self, number: int, key: str, value: Any) -> None:
        self._write(number, {key: value})

    def _tag(self, number: int, name: str, is_wanted: bool) -> None:
        tag = Tag.objects.get(name=name)
        self._write(number, {f"tag:{tag.pk}": True if is_wanted else None})

    def _relate(self, number: int, other: int, is_wanted: bool) -> None:
        if number != other:
            self._write(number, {f"related:company:{self._pk(other)}": True if is_wanted else None})

    def _event(self, number: int, kind: str, ago: timedelta) -> None:
        self.count += 1
        events_record(
            events=[
                {
                    "message_id": f"step {self.count}",
                    "event_type": kind,
                    "contact": {"id": self._pk(number)},
                    "occurred_at": (self.clock.now() - ago).isoformat(),
                    "data": {"url": "/pricing"},
                }
            ],
            actor=SCREEN,
        )

    def _activity(self, number: int, kind: str) -> None:
        contact = Contact.with_deleted.get(pk=self._pk(number))
        activity_add(contact=contact, activity_type=kind, actor=SCREEN, data={"text": "Spoke"})

    def _delete(self, number: int) -> None:
        contacts_delete(ids=[self._pk(number)], actor=SCREEN)

    def _undo(self) -> None:
        operation = ContactOperation.objects.order_by("-pk").first()
        if operation is None or undo_blocked_reason(operation=operation):
            return
        undo = operation_undo(operation=operation, actor=SCREEN)
        lease = lease_take(work=undo)
        assert lease is not None
        undo_run(undo, lease=lease)

    def _pin(self, number: int, is_in: bool | None) -> None:
        segment, selection = self.segments[number % len(self.segments)], {"ids": [self._pk(number)]}
        if is_in is None:
            contacts_pin(segment=segment, selection=selection, is_in=None, actor=SCREEN)
        else:
            contacts_pin(segment=segment, selection=selection, is_in=is_in, actor=SCREEN)

    def _wait(self, wait: timedelta) -> None:
        self.clock.move(wait)


class Clock:
    def __init__(self, traveller: Any) -> None:
        self._traveller, self._now = traveller, NOW

    def now(self) -> Any:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by
        self._traveller.move_to(self._now, tick=False)


def check(segments: list[Segment], computed: int, told: object) -> None:
    for segment in segments:
        assert members_of(segment) == right_members(segment), (segment.rules, told)
        assert segment.status == "ready", segment.error
        assert segment.member_count == len(members_of(segment))
    assert SegmentRefresh.objects.count() == computed


class Past:
    """Who was in each segment when."""

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.known: dict[tuple[int, Any], set[int]] = {}

    def remember(self, now: Any) -> None:
        # Of several states at one moment the last is that moment's.
        self.known |= {(number, now): members_of(s) for number, s in enumerate(self.segments)}

    def check(self) -> None:
        """The log tells it all, whatever has happened since."""
        for (number, now), members in self.known.items():
            found = members_at(segment=self.segments[number], at=now)
            assert set(found.values_list("pk", flat=True)) == members, (self.known, now)


def settled(organization: Organization, world: SmallWorld, documents: list[Any]) -> list[Segment]:
    """The world, and its segments: the last two look at the first two."""
    settle(world, organization)
    first = [make_segment(organization, rule) for rule in documents[:-2]]
    member, other = (
        {"type": "segment", "operator": operator, "segment": segment.pk}
        for operator, segment in zip(("member_of", "not_member_of"), first, strict=False)
    )
    looking = [
        {"any": [member, documents[-2]]},
        {"not": {"all": [other, {"not": member}, documents[-1]]}},
    ]
    return [*first, *(make_segment(organization, rule) for rule in looking)]


@contextmanager
def travelling() -> Iterator[Any]:
    """The clock stands still at NOW unless it is moved; what is written is taken back in the end."""
    with time_machine.travel(NOW, tick=False) as traveller, suppress(Undone), transaction.atomic():
        yield traveller
        raise Undone


SETTINGS = {
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
    "suppress_health_check": list(HealthCheck),
    "database": None,
}


@settings(max_examples=6, **SETTINGS)
@given(
    world=worlds,
    documents=st.tuples(
        rules, related_rules, related_rules, recent_events, rules, attribute_rules, rules
    ).map(list),
    happening=st.lists(steps, min_size=STEPS, max_size=STEPS),
)
@pytest.mark.slow
def test_following_is_as_good_as_computing(
    organization: Organization,
    world: SmallWorld,
    documents: list[Any],
    happening: list[tuple[Any, ...]],
) -> None:
    with travelling() as traveller:
        segments = settled(organization, world, documents)
        life, computed = Life(world, segments, Clock(traveller)), len(segments)
        past = Past(segments)
        for number, step in enumerate(happening):
            life.live(step)
            follow(organization)
            if step[0] == "wait":
                pass_time(organization)
            check(segments, computed, (happening[: number + 1], world))
            past.remember(life.clock.now())
        past.check()


@settings(max_examples=6, **SETTINGS)
@given(
    world=busy_worlds,
    documents=st.lists(timed_rules, min_size=10, max_size=10),
    passing=st.lists(waits, min_size=10, max_size=10),
)
@pytest.mark.slow
def test_the_clock_alone_moves_people_in_and_out(
    organization: Organization, world: SmallWorld, documents: list[Any], passing: list[timedelta]
) -> None:
    with travelling() as traveller:
        nested = [documents[0], {"not": documents[1]}, {"any": documents[2:4]}, *documents[4:]]
        segments, clock = settled(organization, world, nested), Clock(traveller)
        past = Past(segments)
        for number, wait in enumerate(passing):
            clock.move(wait)
            pass_time(organization)
            check(segments, len(segments), (passing[: number + 1], world))
            past.remember(clock.now())
        past.check()
