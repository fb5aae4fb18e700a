"""What PostgreSQL reads where there are 200,000 contacts: a range of an index, never everybody."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from contacts.models import CustomFieldDefinition
from contacts.rules.compiler import contacts_of
from contacts.rules.nodes import conditions
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from contacts.services.definitions import definitions_change
from organizations.keyset import Position, keyset_page
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment, SegmentMembership
from segments.selectors.counting import size
from segments.selectors.members import MEMBER_ORDERS, members
from segments.services.segments import segment_create
from tests.api_suite import Program
from tests.factories import make_organization
from tests.segments.making import IN_OSLO

pytestmark = pytest.mark.slow
PEOPLE = 200_000
NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
# Since the last look. Somebody's moment comes every few seconds.
SINCE = NOW - timedelta(seconds=30)
PEOPLE_SQL = """
insert into contacts (organization_id, kind, is_active, is_subscribed, city, custom_fields, number_1, time_1, time_2,
  text_1, created_at, updated_at)
select %(organization)s, 'person', true, true, case when n %% 4 = 0 then 'Oslo' else 'Bergen' end, '{}', n %% 3000,
  date_trunc('day', timestamptz '1950-01-01 UTC' + n %% 20000 * interval '1 day'),
  timestamptz '2026-03-01 10:30 UTC' - n * interval '1 minute', 'word ' || n,
  timestamptz '2026-03-01 10:30 UTC' - n * interval '1 minute', now()
from generate_series(1, %(people)s) n
"""
# One in five did something, and is in the segment.
EVENTS_SQL = """
insert into contact_events (organization_id, contact_id, event_type, occurred_at, received_at, message_id)
select %(organization)s, id, (array['email_opened', 'email_clicked'])[1 + id / 5 %% 2], created_at, created_at, id
from contacts where organization_id = %(organization)s and id %% 5 = 0
"""
ENGAGEMENT_SQL = """
insert into contact_engagement (organization_id, contact_id, engagement_score, last_engaged_at, last_email_opened_at)
select %(organization)s, id, id %% 100000 / 10.0, created_at, created_at
from contacts where organization_id = %(organization)s and id %% 5 = 0
"""
# Each works at one who did something.
RELATIONS_SQL = """
insert into contact_relationships (
  organization_id, contact_id, related_contact_id, relationship_type, created_at, source
)
select %(organization)s, id + 1, id, 'company', now(), 'screen'
from contacts where organization_id = %(organization)s and id %% 5 = 0
  and id < (select max(id) from contacts where organization_id = %(organization)s)
"""
MEMBERS_SQL = """
insert into contact_segment_memberships (organization_id, segment_id, contact_id, added_at, computed_at)
select %(organization)s, %(segment)s, id, created_at, created_at
from contacts where organization_id = %(organization)s and id %% 5 = 0
"""
TABLES = [
    "contacts",
    "contact_events",
    "contact_engagement",
    "contact_relationships",
    "contact_segment_memberships",
]
FIELDS = [
    ("age", "number", "number_1"),
    ("born", "date", "time_1"),
    ("seen", "datetime", "time_2"),
    ("word", "text", "text_1"),
]


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: Any) -> Iterator[Organization]:
    """An organization with very many contacts."""
    with django_db_blocker.unblock():
        organization = make_organization()
        with organization_scope(organization), transaction.atomic():
            _fill(organization)
        # Once and for all: autovacuum would come in between, and some plans would be others from then on.
        with connection.cursor() as cursor:
            cursor.execute(f"vacuum (analyze) {', '.join(TABLES)}")
            _autovacuum(is_on=False)
        yield organization
        # Deleting them one by one, as a cascade does, would take minutes.
        with connection.cursor() as cursor:
            cursor.execute("truncate contacts cascade")
            # No later test is to find them in the statistics, or as written since.
            cursor.execute("select pg_stat_force_next_flush()")
            cursor.execute(f"analyze {', '.join(TABLES)}")
            _autovacuum(is_on=True)
        organization.delete()


@pytest.fixture
def crowd(filled: Organization, db: None) -> Iterator[Organization]:
    with organization_scope(filled):
        yield filled


def _fill(organization: Organization) -> None:
    CustomFieldDefinition.objects.bulk_create(
        CustomFieldDefinition(
            key=key, label=key, type=type, is_indexed=True, slot=slot, slot_ready_at=NOW
        )
        for key, type, slot in FIELDS
    )
    definitions_change()
    segment = segment_create(name="Everybody", rules=IN_OSLO)
    params = {"organization": organization.pk, "people": PEOPLE, "segment": segment.pk}
    with connection.cursor() as cursor:
        for sql in (PEOPLE_SQL, EVENTS_SQL, ENGAGEMENT_SQL, RELATIONS_SQL, MEMBERS_SQL):
            cursor.execute(sql, params)
        # Or else the commit looks for each row's contact in the whole table.
        cursor.execute(f"analyze {', '.join(TABLES)}")


def _autovacuum(*, is_on: bool) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"alter table {table} set (autovacuum_enabled = {is_on})")


def field(key: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "custom_field", "field": key, "operator": operator, "value": value}


def metric(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "engagement", "metric": name, "operator": operator, "value": value}


SLOTS = [
    (field("age", "equals", 7), "contact_number_1_idx"),
    (field("age", "between", [2990, 2995]), "contact_number_1_idx"),
    (field("born", "equals", "1960-05-05"), "contact_time_1_idx"),
    (field("seen", "in_last", "1d"), "contact_time_2_idx"),
    (field("word", "in", ["WORD 7", "word 8"]), "contact_text_1_idx"),
    (field("word", "starts_with", "Word 19999"), "contact_text_1_idx"),
]


@pytest.mark.parametrize(("rule", "index"), SLOTS)
def test_a_rule_reads_the_index_of_a_slot(crowd: Organization, rule: Any, index: str) -> None:
    world = World(NOW)
    found = contacts_of(rule_read(rule, world=world), world).values("pk")
    plan = found.explain()
    assert index in plan, plan
    assert "Seq Scan" not in plan, plan
    assert found.exists()


OPENED = {"type": "event", "event_type": "email_opened"}
PASSING: list[tuple[Any, str]] = [
    (OPENED | {"within": {"last": "7d"}}, "event_type_idx"),
    (
        OPENED | {"within": {"last": "7d"}, "count": {"operator": "gte", "value": 3}},
        "event_type_idx",
    ),
    (field("seen", "in_last", "7d"), "contact_time_2_idx"),
    (field("seen", "not_in_last", "12h"), "contact_time_2_idx"),
    (
        {"type": "attribute", "field": "created_at", "operator": "in_last", "value": "30d"},
        "contact_created_idx",
    ),
    (metric("score", "gte", 10), "engagement_score_idx"),
    (metric("level", "equals", "cooling"), "engagement_"),
    (metric("last_engaged_at", "in_last", "30d"), "engagement_last_idx"),
    (metric("last_email_opened_at", "in_last", "30d"), "event_type_idx"),
    (metric("last_email_clicked_at", "not_in_last", "7d"), "event_type_idx"),
    (
        {
            "type": "relationship",
            "relationship_type": "company",
            "related": OPENED | {"within": {"last": "7d"}},
        },
        "event_type_idx",
    ),
]


def plans(rule: Any, since: datetime, now: datetime = NOW) -> list[str]:
    """How those are found for whom time may have flipped a rule."""
    world = World(now)
    (condition,) = conditions(rule_read(rule, world=world))
    return [ids.explain(analyze=True, timing=False) for ids in condition.passed(since, world)]


@pytest.mark.parametrize(("rule", "index"), PASSING)
def test_the_passing_of_time_reads_one_range_of_an_index(
    crowd: Organization, rule: Any, index: str
) -> None:
    found = plans(rule, SINCE)
    assert found
    for plan in found:
        assert index in plan, plan
        _reads_few(plan)


def test_a_day_that_begins_reads_ranges_of_an_index(crowd: Organization) -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    for rule, few in (
        (field("born", "equals", "today"), 100),
        (field("born", "in_last", "7d"), 100),
        # The days of all years.
        (field("born", "anniversary_in_next", "7d"), 3_000),
    ):
        found = plans(rule, midnight - timedelta(seconds=15), midnight + timedelta(seconds=15))
        assert found
        for plan in found:
            assert "contact_time_1_idx" in plan, plan
            _reads_few(plan, few)


def _reads_few(plan: str, few: int = 100) -> None:
    """Nothing is read whole, and no step sees more than a few rows."""
    assert "Seq Scan on contact" not in plan, plan
    counts = [part.split(" ")[0] for part in plan.split("actual rows=")[1:]]
    assert counts
    assert max(map(float, counts)) <= few, plan


@pytest.mark.parametrize(
    ("name", "index"), [("id", "membership"), ("added_at", "membership_added_idx")]
)
@pytest.mark.parametrize("is_descending", [False, True])
def test_a_page_of_members_begins_where_it_begins(
    crowd: Organization, name: str, index: str, is_descending: bool
) -> None:
    rows = members(segment=Segment.objects.get())
    seen: list[str] = []

    def take(asked: Any) -> list[Any]:
        seen.append(asked.values("pk").explain(analyze=True, timing=False))
        return list(asked)

    middle = rows.order_by("member_id")[PEOPLE // 10]
    cursor = Position(getattr(middle, MEMBER_ORDERS[name].column), False, middle.pk).encode()
    for _ in range(2):
        page = keyset_page(
            rows,
            order=MEMBER_ORDERS[name],
            is_descending=is_descending,
            cursor=cursor,
            size=50,
            take=take,
        )
        assert page.next
        cursor = page.next
    for plan in seen:
        assert index in plan, plan
        _reads_few(plan, 300)


def test_who_is_in_and_how_many_is_quick_without_a_cache(crowd: Organization) -> None:
    """What is asked again and again reads no more rows than it answers."""
    segment = Segment.objects.get()
    asked = list(SegmentMembership.objects.values_list("contact_id", flat=True)[:100])
    rows = SegmentMembership.objects.filter(segment=segment, contact__in=asked)
    for found in (rows, SegmentMembership.objects.filter(contact=asked[0])):
        _reads_few(found.explain(analyze=True, timing=False), 100)
    program = Program(crowd)
    program.get("segments/")
    with CaptureQueriesContext(connection) as captured:
        assert program.get(f"segments/{segment.pk}/").status_code == 200
        assert program.get("segments/").status_code == 200
    assert captured.captured_queries
    assert "contact_segment_memberships" not in str(captured.captured_queries)


def test_an_estimate_is_near_the_truth(crowd: Organization) -> None:
    """One in four is in Oslo: of 2,000 who are asked, about 500; five standard deviations are 5 %."""
    too_long = RawSQL("pg_sleep(60) is not null", [], output_field=BooleanField())

    def in_oslo(among: Any) -> Any:
        world = World(NOW)
        rows = contacts_of(rule_read(IN_OSLO, world=world), world.of(among))
        return rows.filter(too_long) if among is None else rows

    found = size(in_oslo, budget_ms=5_000)
    assert not found.is_exact
    assert found.count is not None
    assert abs(found.count - PEOPLE // 4) < PEOPLE // 20
