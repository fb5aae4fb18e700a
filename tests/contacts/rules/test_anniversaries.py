"""Days that return every year: what began on a 29 February, the end of a year, and whose day it is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contacts.rules.anniversaries import month_days
from contacts.rules.compiler import contacts_of
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from organizations.models import Organization
from tests.factories import make_contact, make_custom_field


def on(year: int, month: int, day: int, hour: int = 12) -> World:
    return World(datetime(year, month, day, hour, tzinfo=UTC))


def in_timezone(organization: Organization, timezone: str) -> None:
    Organization.objects.filter(pk=organization.pk).update(timezone=timezone)


def returning(world: World, *, field: str = "born", within: str = "1d") -> set[str]:
    """The first names of those whose day returns."""
    rule: Any = {"type": "custom_field", "field": field}
    rule |= {"operator": "anniversary_in_next", "value": within}
    found = contacts_of(rule_read(rule, world=world), world)
    return set(found.values_list("first_name", flat=True))


@pytest.mark.parametrize("is_indexed", [False, True])
def test_a_29_february_returns_on_the_28th_of_other_years(
    organization: Organization, is_indexed: bool
) -> None:
    make_custom_field(organization, "born", "date", is_indexed=is_indexed)
    for name, born in (("eve", "1996-02-28"), ("leap", "1996-02-29"), ("march", "1996-03-01")):
        make_contact(organization, first_name=name, custom_fields={"born": born})
    assert returning(on(2026, 2, 28)) == {"eve", "leap"}
    assert returning(on(2026, 3, 1)) == {"march"}
    assert returning(on(2028, 2, 28)) == {"eve"}
    assert returning(on(2028, 2, 29)) == {"leap"}
    assert returning(on(2028, 2, 27), within="3d") == {"eve", "leap"}
    # 2100 is no leap year, 2000 was one.
    assert returning(on(2100, 2, 28)) == {"eve", "leap"}
    assert returning(on(2000, 2, 28)) == {"eve"}


def test_so_many_days_from_today_on(organization: Organization) -> None:
    make_custom_field(organization, "born", "date")
    for name, born in (
        ("yesterday", "1990-12-30"),
        ("today", "1990-12-31"),
        ("new year", "2020-01-01"),
        ("sixth", "1890-01-05"),
        ("seventh", "1990-01-06"),
        ("nobody's", None),
    ):
        fields = {"born": born} if born else {}
        make_contact(organization, first_name=name, custom_fields=fields)
    assert returning(on(2026, 12, 31), within="1d") == {"today"}
    assert returning(on(2026, 12, 31), within="6d") == {"today", "new year", "sixth"}
    assert returning(on(2026, 12, 31), within="1w") == {"today", "new year", "sixth", "seventh"}
    everybody = {"yesterday", "today", "new year", "sixth", "seventh"}
    assert returning(on(2026, 12, 31), within="366d") == everybody


def test_today_is_the_day_that_it_is_in_the_organization(organization: Organization) -> None:
    make_custom_field(organization, "born", "date")
    make_custom_field(organization, "since", "datetime")
    make_contact(
        organization,
        first_name="Ana",
        # The 2nd in Auckland, the 1st in Los Angeles.
        custom_fields={"born": "1990-03-02", "since": "2020-03-01T20:00:00Z"},
    )
    evening = on(2026, 3, 1, hour=12)
    for timezone, is_today in (("Pacific/Auckland", True), ("America/Los_Angeles", False)):
        in_timezone(organization, timezone)
        assert (returning(World(evening.now)) == {"Ana"}) == is_today, timezone
    for timezone, day in (("Pacific/Auckland", 2), ("America/Los_Angeles", 1), ("UTC", 1)):
        in_timezone(organization, timezone)
        # Noon in UTC is that day's early morning or the next one's first minute.
        noon = on(2026, 3, day, hour=9)
        assert returning(noon, field="since") == {"Ana"}, timezone


def test_the_days_that_return_within_a_year_are_all_days(organization: Organization) -> None:
    assert len(month_days(days=366, world=on(2026, 1, 1))) == 366
    assert len(month_days(days=366, world=on(2028, 1, 1))) == 366
    assert month_days(days=40_000, world=on(2026, 1, 1)) == month_days(
        days=366, world=on(2026, 1, 1)
    )
    assert month_days(days=1, world=on(2026, 2, 28)) == {(2, 28), (2, 29)}
