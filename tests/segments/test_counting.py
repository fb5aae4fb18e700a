"""How many contacts a rule means: counted while there is time, estimated after that, and said to be so."""

from typing import Any

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from contacts.models import Contact
from contacts.rules.compiler import contacts_of
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from contacts.services.contacts import contacts_delete
from organizations.models import Organization
from segments.selectors.counting import Size, rule_size, size, some_of
from tests.contacts.rules.worlds import NOW
from tests.factories import SCREEN, make_contact, make_organization
from tests.segments.making import IN_OSLO

TOO_LONG = RawSQL("pg_sleep(60) is not null", [], output_field=BooleanField())
BUDGET_MS = 500


def in_oslo(among: Any) -> Any:
    world = World(NOW)
    return contacts_of(rule_read(IN_OSLO, world=world), world.of(among))


def slow(among: Any) -> Any:
    """Everybody in Oslo, if somebody waits for them; some are there at once."""
    return in_oslo(among).filter(TOO_LONG) if among is None else in_oslo(among)


def test_what_can_be_counted_is_exact(organization: Organization) -> None:
    people = [make_contact(organization, city=city) for city in ("Oslo", "OSLO", "Bergen", "Oslo")]
    make_contact(make_organization(), city="Oslo")
    contacts_delete(ids=[people[3].pk], actor=SCREEN)
    world = World(NOW)
    node = rule_read(IN_OSLO, world=world)
    assert rule_size(node=node, world=world) == Size(2, is_exact=True)
    assert size(lambda among: Contact.objects.none()) == Size(0, is_exact=True)


def test_what_takes_too_long_is_estimated_and_says_so(organization: Organization) -> None:
    for number in range(20):
        make_contact(organization, city="Oslo" if number % 4 == 0 else "Bergen")
    # With so few, everybody is in the sample: the estimate is the truth.
    assert size(slow, budget_ms=BUDGET_MS) == Size(5, is_exact=False)


def test_where_nobody_is_there_is_nothing_to_estimate(organization: Organization) -> None:
    # (Nobody is asked, so nobody waits.)
    assert size(slow, budget_ms=BUDGET_MS) == Size(0, is_exact=True)


def test_where_even_that_takes_too_long_nothing_is_said(organization: Organization) -> None:
    make_contact(organization, city="Oslo")
    found = size(lambda among: in_oslo(among).filter(TOO_LONG), budget_ms=BUDGET_MS)
    assert found == Size(None, is_exact=False)


def test_the_budget_is_that_of_the_question_alone(organization: Organization) -> None:
    make_contact(organization, city="Oslo")

    def timeout() -> str:
        with connection.cursor() as cursor:
            cursor.execute("show statement_timeout")
            return str(cursor.fetchone()[0])

    before = timeout()
    for rows in (slow, in_oslo):
        size(rows, budget_ms=BUDGET_MS)
        assert timeout() == before
    # The transaction around goes on.
    assert Contact.objects.count() == 1


def test_some_are_shown_if_they_are_found_in_time(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    assert some_of(in_oslo(None), 5) == [ana]
    assert some_of(in_oslo(None).filter(TOO_LONG), 5, budget_ms=BUDGET_MS) == []
