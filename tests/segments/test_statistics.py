"""Right after a bulk load PostgreSQL's statistics say that tables are empty; rules are planned well all the same."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact
from contacts.rules.world import World
from contacts.services.contacts import contacts_patch
from organizations.models import Organization
from organizations.services import statistics
from organizations.statements import fetch_all
from segments.models import Segment
from segments.selectors.wanted import wanted
from segments.services.statistics import TABLES, rules_know_sizes
from tags.models import Tag
from tests.factories import SCREEN, make_tag
from tests.segments.making import follow, make_segment

# Statistics are committed, whatever becomes of the transaction that asked for them.
pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 4_000
OFTEN = {
    "type": "event",
    "event_type": "email_clicked",
    "count": {"operator": "gte", "value": 3},
}
RECENT = {"type": "event", "event_type": "email_clicked", "within": {"last": "30d"}}
TAGGED = {"type": "tag", "operator": "has_any", "values": ["VIP"]}
# Each pair of a person and an event, or a tag, is what such a plan looks at.
EACH_PAIR = "Join Filter"


@pytest.fixture(autouse=True)
def _no_autovacuum(transactional_db: None) -> Iterator[None]:
    """What the tests look at is what was asked for."""

    def autovacuum(*, is_on: bool) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"alter table {table} set (autovacuum_enabled = {is_on})")

    autovacuum(is_on=False)
    yield
    autovacuum(is_on=True)


def load(organization: Organization) -> None:
    """Many contacts, with tags and events; PostgreSQL knows nothing of them, and takes the tables for empty."""
    tag = make_tag(organization, "VIP")
    values = {"organization_id": organization.pk, "people": PEOPLE, "tag_id": tag.pk}
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE_SQL, values)
        cursor.execute(TAGS_SQL, values)
        cursor.execute(EVENTS_SQL, values)
        for table in TABLES:
            cursor.execute(FORGET_SQL, {"table": table})


PEOPLE_SQL = """
    insert into contacts (organization_id, kind, is_active, is_subscribed, custom_fields, created_at, updated_at)
    select %(organization_id)s, 'person', true, true, '{}', now(), now() from generate_series(1, %(people)s)
"""
TAGS_SQL = """
    insert into contact_tag_assignments (organization_id, contact_id, tag_id, assigned_at, source)
    select organization_id, id, %(tag_id)s, now(), 'command' from contacts
    where organization_id = %(organization_id)s and id %% 4 > 0
"""
EVENTS_SQL = """
    insert into contact_events (organization_id, contact_id, event_type, occurred_at, received_at, message_id)
    select organization_id, id, 'email_clicked', now() - n * interval '12 days', now(), id || ' ' || n
    from contacts, generate_series(1, 4) n
    where organization_id = %(organization_id)s and id %% 3 = 0
"""
FORGET_SQL = """
    select pg_restore_relation_stats(
      'schemaname', 'public', 'relname', %(table)s::text, 'relpages', 1, 'reltuples', 0::real
    ), (
      select count(pg_clear_attribute_stats('public', %(table)s::text, s.attname, false))
      from pg_stats s where s.schemaname = 'public' and s.tablename = %(table)s::text
    )
"""


def plan(segment: Segment, among: list[int] | None = None) -> str:
    asked = wanted(segment, World(timezone.now()).of(among))
    return str(asked.order_by().values("pk").explain())


@pytest.mark.parametrize(
    "rule", [OFTEN, {"not": OFTEN}, {"all": [TAGGED, RECENT]}, {"not": {"any": [TAGGED, RECENT]}}]
)
def test_computing_after_a_load_looks_at_no_pairs(organization: Organization, rule: Any) -> None:
    make_tag(organization, "VIP")
    segment = make_segment(organization, rule)
    load(organization)
    assert EACH_PAIR in plan(segment), plan(segment)
    fresh = make_segment(organization, rule)
    assert EACH_PAIR not in plan(segment)
    assert fresh.member_count > 0


def test_following_after_a_load_looks_at_no_pairs(organization: Organization) -> None:
    make_tag(organization, "VIP")
    segment = make_segment(organization, {"all": [TAGGED, {"not": RECENT}]})
    load(organization)
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:1000])
    assert EACH_PAIR in plan(segment, ids)
    tag = Tag.objects.get(name="VIP")
    contacts_patch(ids=ids[:4], patch={f"tag:{tag.pk}": None}, actor=SCREEN, label="Tag taken off")
    follow(organization)
    assert EACH_PAIR not in plan(segment, ids)


def test_following_asks_about_the_contacts_in_question_alone(organization: Organization) -> None:
    load(organization)
    segment = make_segment(organization, {"not": {"any": [TAGGED, RECENT, OFTEN]}})
    ids = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:50])
    # Contacts, tags and events twice: whatever is read is read for them, however large the organization is.
    assert plan(segment, ids).count("contact_id = ANY ('{") == 3
    assert "Seq Scan" not in plan(segment, ids)


def outgrown() -> list[str]:
    """(A transaction goes on seeing the counters that it saw first.)"""
    fetch_all("select pg_stat_clear_snapshot()", {})
    return rules_know_sizes()


def known(table: str) -> bool:
    """Whether there are statistics of a table."""
    return bool(fetch_all("select from pg_stats where tablename = %(table)s", {"table": table}))


def test_what_has_not_grown_is_left_alone(organization: Organization) -> None:
    load(organization)
    assert "contact_events" in outgrown()
    assert outgrown() == []
    assert fetch_all("select reltuples from pg_class where relname = 'contacts'", {}) > [(0,)]


def test_what_a_transaction_had_looked_at_stays_known(organization: Organization) -> None:
    load(organization)
    with transaction.atomic():
        assert "contact_events" in outgrown()
        transaction.set_rollback(True)
    assert known("contact_events")
    assert outgrown() == []


def test_what_is_written_anew_in_the_same_place_is_looked_at_again(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at once: of some columns' statistics PostgreSQL's counter of writes takes no note."""
    load(organization)
    outgrown()
    with connection.cursor() as cursor:
        cursor.execute("update contact_events set is_machine = true")
        cursor.execute("vacuum contact_events")
        cursor.execute("select pg_stat_force_next_flush()")
    with connection.cursor() as cursor:
        pages = (
            "select pg_relation_size('contact_events') / 8192 <= 1.2 * relpages + 16 from pg_class"
        )
        cursor.execute(f"{pages} where relname = 'contact_events'")
        assert cursor.fetchone() == (True,)
    assert outgrown() == []
    monkeypatch.setattr(statistics, "COUNTER_RESTS", timedelta())
    assert "contact_events" in outgrown()
    monkeypatch.setattr(statistics, "COUNTER_RESTS", timedelta(hours=1))
    assert outgrown() == []
