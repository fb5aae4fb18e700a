"""Small worlds and rules about them, both at random. Worlds are plain data, put into the database as they are."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from hypothesis import strategies as st

from contacts.cleaning.emails import email_key
from contacts.models import (
    Contact,
    ContactActivity,
    ContactEngagement,
    ContactEvent,
    CustomFieldDefinition,
    EmailPreference,
    Relationship,
)
from contacts.services.definitions import definitions_change
from contacts.services.engagement import engagement_rebuild
from contacts.slots import slot_sql
from organizations.models import Organization
from tags.models import Tag, TagAssignment

NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
TIMEZONES = ["UTC", "America/Los_Angeles", "Pacific/Auckland"]
CITIES = ["Oslo", "OSLO", "Bergen", "Straße", "São Paulo", "50%_x", None]
TAGS = ["VIP", "Lead", "Old"]
EVENTS = ["email_opened", "email_clicked", "email_sent", "page_visited"]
ACTIVITIES = ["call", "note"]
CHOICES = ["Red", "Green", "Blue"]
FIELDS = {
    "age": "number",
    "born": "date",
    "seen": "datetime",
    "vip": "boolean",
    "likes": "multi_choice",
    "word": "text",
}
# Moments that lie around the edges of what rules ask for.
OFFSETS = [
    *(timedelta(days=days) for days in (0, 1, 2, 7, 29, 30, 31, 365)),
    *(timedelta(hours=hours) for hours in (1, 11, 12, 13)),
    timedelta(days=30) - timedelta(microseconds=1),
    timedelta(days=7) + timedelta(microseconds=1),
]


def moments(*, future: bool) -> st.SearchStrategy[datetime]:
    back = st.sampled_from(OFFSETS).map(lambda offset: NOW - offset)
    return back | st.sampled_from(OFFSETS).map(lambda offset: NOW + offset) if future else back


# Of long ago and of the far future too, and those that come every fourth year.
RETURNING = [
    date(year, month, day)
    for year in (1, 1960, 2000, 2304)
    for month, day in ((2, 28), (3, 1), (3, 2), (3, 8), (3, 30), (3, 31))
] + [date(year, 2, 29) for year in (4, 1960, 2000, 2024)] * 2


def days() -> st.SearchStrategy[date]:
    near = st.integers(-40, 40).map(lambda n: NOW.date() + timedelta(days=n))
    return near | st.sampled_from(RETURNING)


@dataclass
class Happened:
    kind: str
    at: datetime
    source_id: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    is_machine: bool = False
    is_activity: bool = False


@dataclass
class Person:
    """A contact as the evaluator sees it."""

    attributes: dict[str, Any]
    fields: dict[str, Any]
    created_at: datetime
    tags: set[str]
    preferences: dict[str, bool]
    happened: list[Happened]
    related: set[int] = field(default_factory=set)
    is_deleted: bool = False
    pk: int = 0


@dataclass
class SmallWorld:
    timezone: str
    # Whether rules find fields in slots.
    is_indexed: bool
    people: list[Person]


def fields() -> st.SearchStrategy[dict[str, Any]]:
    def iso(moment: datetime) -> str:
        return moment.replace(tzinfo=None).isoformat() + "Z"

    return st.fixed_dictionaries(
        {},
        optional={
            "age": st.sampled_from([0, 3, 30, 30.5, -2, 1000000]),
            "born": days().map(date.isoformat),
            "seen": moments(future=True).map(iso),
            "vip": st.booleans(),
            "likes": st.lists(st.sampled_from(CHOICES), min_size=1, max_size=3, unique=True),
            "word": st.sampled_from(["Oslo", "ÅSE", "åse", "x%y", "Red"]),
        },
    )


def happenings(least: int = 0) -> st.SearchStrategy[list[Happened]]:
    event = st.builds(
        Happened,
        kind=st.sampled_from(EVENTS),
        at=moments(future=False),
        source_id=st.sampled_from(["", "m1", "m2"]),
        data=st.sampled_from([{}, {"url": "/pricing"}, {"url": "/", "amount": 7, "paid": True}]),
        is_machine=st.sampled_from([False, False, True]),
    )
    activity = st.builds(
        Happened,
        kind=st.sampled_from(ACTIVITIES),
        at=moments(future=True),
        is_activity=st.just(True),
    )
    return st.lists(event | event | event | activity, min_size=least, max_size=6)


def people(least: int = 0) -> st.SearchStrategy[Person]:
    return st.builds(Person, **PERSON, happened=happenings(least))


PERSON: dict[str, Any] = dict(
    attributes=st.fixed_dictionaries(
        {
            "city": st.sampled_from(CITIES),
            "country": st.sampled_from(["Norway", None]),
            "is_subscribed": st.booleans(),
            "is_active": st.booleans(),
            "kind": st.sampled_from(["person", "company"]),
        }
    ),
    fields=fields(),
    created_at=moments(future=False),
    tags=st.sets(st.sampled_from(TAGS)),
    preferences=st.dictionaries(st.sampled_from(["marketing", "newsletter"]), st.booleans()),
    related=st.sets(st.integers(0, 4), max_size=2),
    is_deleted=st.sampled_from([False, False, False, True]),
)
worlds = st.builds(
    SmallWorld,
    timezone=st.sampled_from(TIMEZONES),
    is_indexed=st.booleans(),
    people=st.lists(people(), min_size=5, max_size=5),
)
# Much has happened to each of their people.
busy_worlds = st.builds(
    SmallWorld,
    timezone=st.sampled_from(TIMEZONES),
    is_indexed=st.booleans(),
    people=st.lists(people(4), min_size=5, max_size=5),
)


def settle(world: SmallWorld, organization: Organization) -> None:
    """Put a world into the database, as it is, and give its people their ids."""
    Organization.objects.filter(pk=organization.pk).update(timezone=world.timezone)
    for key, kind in FIELDS.items():
        CustomFieldDefinition.objects.update_or_create(
            key=key,
            defaults={"label": key, "type": kind, "choices": CHOICES} | _slot(key, world),
        )
    definitions_change()
    tags = {
        name: Tag.objects.get_or_create(name_key=name.lower(), defaults={"name": name})[0]
        for name in TAGS
    }
    _insert_people(world)
    _insert_around(world, tags)
    _fill_slots(world)
    engagement_rebuild()


SLOTS = {"age": "number_1", "born": "time_1", "seen": "time_2", "word": "text_1"}


def _slot(key: str, world: SmallWorld) -> dict[str, Any]:
    slot = SLOTS.get(key) if world.is_indexed else None
    return {"is_indexed": bool(slot), "slot": slot, "slot_ready_at": NOW if slot else None}


def _fill_slots(world: SmallWorld) -> None:
    if world.is_indexed:
        with connection.cursor() as cursor:
            for key, slot in SLOTS.items():
                value = slot_sql(slot, document="custom_fields", key="%s")
                places = value.count("%s")
                cursor.execute(f"update contacts set {slot} = {value}", [key] * places)


def _insert_people(world: SmallWorld) -> None:
    made = Contact.with_deleted.bulk_create(
        Contact(
            **person.attributes,
            email=f"p{number}@example.com",
            email_key=email_key(f"p{number}@example.com"),
            custom_fields=person.fields,
            created_at=person.created_at,
            updated_at=person.created_at,
            deleted_at=NOW if person.is_deleted else None,
        )
        for number, person in enumerate(world.people)
    )
    for person, contact in zip(world.people, made, strict=True):
        person.pk = contact.pk


def _insert_around(world: SmallWorld, tags: dict[str, Tag]) -> None:
    for number, person in enumerate(world.people):
        TagAssignment.objects.bulk_create(
            TagAssignment(contact_id=person.pk, tag=tags[name], assigned_at=NOW, source="screen")
            for name in sorted(person.tags)
        )
        EmailPreference.objects.bulk_create(
            EmailPreference(
                contact_id=person.pk, preference_type=key, is_enabled=said, updated_at=NOW
            )
            for key, said in person.preferences.items()
        )
        Relationship.objects.bulk_create(
            Relationship(
                contact_id=person.pk,
                related_contact_id=world.people[other].pk,
                relationship_type="company",
                created_at=NOW,
                source="screen",
            )
            for other in sorted(person.related)
            if other != number
        )
        ContactEvent.objects.bulk_create(
            ContactEvent(
                contact_id=person.pk,
                event_type=each.kind,
                occurred_at=each.at,
                received_at=each.at,
                event_data=each.data,
                source_id=each.source_id,
                is_machine=each.is_machine,
                message_id=f"{person.pk}-{place}",
            )
            for place, each in enumerate(person.happened)
            if not each.is_activity
        )
        ContactActivity.objects.bulk_create(
            ContactActivity(contact_id=person.pk, activity_type=each.kind, occurred_at=each.at)
            for each in person.happened
            if each.is_activity
        )


def _value(type: str, operator: str, **values: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(type), "operator": st.just(operator), **values})


DURATIONS = ["1d", "7d", "30d", "12h", "2w"]
WHOLE_DAYS = ["1d", "7d", "30d", "2w", "52w", "53w"]
POINTS = ["today", "yesterday", "tomorrow", "2026-02-28", "2026-01-31", "2026-03-01"]
PRECISE = [*POINTS, "2026-03-01T10:30:00Z", "2026-02-27T22:30:00-02:00"]


def texts(type: str, name: str, values: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    wanted = st.sampled_from([each for each in values if each] + ["oslo", "s", "o", "SS", "%"])
    one = ["equals", "not_equals", "contains", "not_contains", "starts_with", "ends_with"]
    named = {"type": st.just(type), "field": st.just(name)}
    return (
        st.fixed_dictionaries({**named, "operator": st.sampled_from(one), "value": wanted})
        | st.fixed_dictionaries(
            {
                **named,
                "operator": st.sampled_from(["in", "not_in"]),
                "value": st.lists(wanted, min_size=1, max_size=3),
            }
        )
        | is_set(named)
    )


def is_set(named: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({**named, "operator": st.sampled_from(["is_set", "is_not_set"])})


def numbers(named: dict[str, Any], values: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
    wanted = st.sampled_from(values)
    one = ["equals", "not_equals", "gt", "gte", "lt", "lte"]
    return (
        st.fixed_dictionaries({**named, "operator": st.sampled_from(one), "value": wanted})
        | st.fixed_dictionaries(
            {
                **named,
                "operator": st.sampled_from(["in", "not_in"]),
                "value": st.lists(wanted, min_size=1, max_size=3),
            }
        )
        | st.fixed_dictionaries(
            {
                **named,
                "operator": st.just("between"),
                "value": st.lists(wanted, min_size=2, max_size=2).map(sorted),
            }
        )
    )


# One whose ends come together, and are then in each other's place, as the clock goes on.
BETWEEN = [
    ["2026-01-31", "2026-02-28"],
    ["yesterday", "today"],
    ["2026-02-01", "today"],
    ["today", "2026-03-03"],
]


def times(
    named: dict[str, Any], *, is_date: bool, is_settable: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    points = st.sampled_from(POINTS if is_date else PRECISE)
    near = st.sampled_from(WHOLE_DAYS if is_date else DURATIONS)
    lasting = ["in_last", "not_in_last", "in_next"]
    pointed = ["equals", "not_equals", "before", "after"]
    return (
        st.fixed_dictionaries({**named, "operator": st.sampled_from(lasting), "value": near})
        | st.fixed_dictionaries({**named, "operator": st.sampled_from(pointed), "value": points})
        | st.fixed_dictionaries(
            {
                **named,
                "operator": st.just("between"),
                "value": st.sampled_from(BETWEEN),
            }
        )
        | st.fixed_dictionaries(
            {
                **named,
                "operator": st.just("anniversary_in_next"),
                "value": st.sampled_from(WHOLE_DAYS),
            }
        )
        | (is_set(named) if is_settable else st.nothing())
    )


def _custom(key: str) -> dict[str, Any]:
    return {"type": st.just("custom_field"), "field": st.just(key)}


attribute_rules = (
    texts("attribute", "city", CITIES)
    | texts("attribute", "country", ["Norway"])
    | times({"type": st.just("attribute"), "field": st.just("created_at")}, is_date=False)
    | st.fixed_dictionaries(
        {
            "type": st.just("attribute"),
            "field": st.sampled_from(["is_subscribed", "is_active"]),
            "operator": st.sampled_from(["equals", "not_equals"]),
            "value": st.booleans(),
        }
    )
)
field_rules = (
    numbers(_custom("age"), [0, 3, 30, 30.5, 31, -2])
    | is_set(_custom("age"))
    | times(_custom("born"), is_date=True)
    | times(_custom("seen"), is_date=False)
    | texts("custom_field", "word", ["Oslo", "åse", "x%"])
    | st.fixed_dictionaries(
        {
            **_custom("vip"),
            "operator": st.sampled_from(["equals", "not_equals"]),
            "value": st.booleans(),
        }
    )
    | st.fixed_dictionaries(
        {
            **_custom("likes"),
            "operator": st.sampled_from(["contains", "not_contains"]),
            "value": st.sampled_from(["red", "Green", "Mauve"]),
        }
    )
    | st.fixed_dictionaries(
        {
            **_custom("likes"),
            "operator": st.sampled_from(["in", "not_in"]),
            "value": st.lists(st.sampled_from(CHOICES), min_size=1, max_size=2),
        }
    )
)
tag_rules = st.fixed_dictionaries(
    {
        "type": st.just("tag"),
        "operator": st.sampled_from(["has_any", "has_all", "has_none"]),
        "values": st.lists(st.sampled_from(["VIP", "lead", "Old"]), min_size=1, max_size=3),
    }
)
counts = st.fixed_dictionaries(
    {
        "operator": st.sampled_from(["gte", "gt", "lte", "lt", "equals"]),
        "value": st.integers(1, 3),
    }
) | st.fixed_dictionaries(
    {
        "operator": st.sampled_from(["gte", "gt", "lte", "equals"]),
        "value": st.just(0),
    }
)
withins = st.sampled_from(
    [
        *({"last": each} for each in DURATIONS),
        {"after": "2026-02-01"},
        {"before": "2026-02-28"},
        {"after": "yesterday", "before": "today"},
        {"after": "yesterday", "before": "2026-03-02"},
        {"after": "today"},
        {"before": "2026-03-01T10:30:00Z"},
    ]
)
wheres = st.lists(
    st.sampled_from(
        [
            {"path": "url", "operator": "contains", "value": "/pricing"},
            {"path": "url", "operator": "not_contains", "value": "/pricing"},
            {"path": "amount", "operator": "gte", "value": 7},
            {"path": "paid", "operator": "equals", "value": True},
            {"path": "url", "operator": "is_set"},
        ]
    ),
    min_size=1,
    max_size=2,
)
event_rules = st.fixed_dictionaries(
    {"type": st.just("event"), "event_type": st.sampled_from(EVENTS)},
    optional={"count": counts, "within": withins, "where": wheres},
)
activity_rules = st.fixed_dictionaries(
    {"type": st.just("activity"), "activity_type": st.sampled_from(ACTIVITIES)},
    optional={"count": counts, "within": withins},
)
last_rules = st.tuples(st.integers(1, 3), st.integers(1, 3)).map(
    lambda pair: {
        "type": "engaged_with_last",
        "emails": max(pair),
        "at_least": min(pair),
    }
)


def _metric(name: str) -> dict[str, Any]:
    return {"type": st.just("engagement"), "metric": st.just(name)}


engagement_rules = (
    st.fixed_dictionaries(
        {
            **_metric("score"),
            "operator": st.sampled_from(["gt", "gte", "lt", "lte"]),
            "value": st.sampled_from([0, 0.4, 0.9, 1, 2, 3.5, -1]),
        }
    )
    | st.fixed_dictionaries(
        {
            **_metric("score"),
            "operator": st.just("between"),
            "value": st.sampled_from([[0, 1], [0.4, 2], [1, 4]]),
        }
    )
    | st.fixed_dictionaries(
        {
            **_metric("level"),
            "operator": st.sampled_from(["in", "not_in"]),
            "value": st.lists(
                st.sampled_from(["highly_engaged", "engaged", "cooling", "inactive", "never"]),
                min_size=1,
                max_size=3,
            ),
        }
    )
    | numbers(_metric("total_emails_opened"), [0, 1, 2])
    | times(_metric("last_engaged_at"), is_date=False)
    | times(_metric("last_email_clicked_at"), is_date=False)
)
preference_rules = st.fixed_dictionaries(
    {
        "type": st.just("preference"),
        "preference_type": st.sampled_from(["marketing", "newsletter"]),
        "is_enabled": st.booleans(),
    }
)
# Each kind as often as another, however many shapes it has.
leaves = st.sampled_from(
    [
        attribute_rules,
        field_rules,
        field_rules,
        tag_rules,
        event_rules,
        event_rules,
        activity_rules,
        last_rules,
        engagement_rules,
        engagement_rules,
        preference_rules,
    ]
).flatmap(lambda kind: kind)


def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, min_size=1, max_size=3)
    related = {"type": "relationship", "relationship_type": "company"}
    return st.sampled_from(
        [
            many.map(lambda nodes: {"all": nodes}),
            many.map(lambda nodes: {"any": nodes}),
            inner.map(lambda node: {"not": node}),
            inner.map(lambda node: {**related, "related": node}),
        ]
    ).flatmap(lambda kind: kind)


rules = leaves | st.recursive(leaves, groups, max_leaves=4)


def clear_world() -> None:
    """Take everybody out of the database again."""
    ContactEngagement.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("delete from contacts")
