"""How many are engaged how much, by day; and who is engaged most."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.engagement import Level
from contacts.jobs import enqueue_engagement_summary
from contacts.models import Contact, EngagementDay
from contacts.selectors.contact_list import contact_list
from contacts.selectors.engagement_summary import engagement_summary
from contacts.selectors.leaders import engagement_leaders, version_name
from contacts.services.contacts import contacts_delete
from contacts.services.engagement import engagement_rebuild
from contacts.services.engagement_summary import engagement_summary_refresh
from contacts.services.feed import changes_process
from organizations.models import MaterializedViewRefresh, Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from tests.contacts.events import event, record, set_engagement
from tests.factories import SCREEN, make_contact, make_organization
from tests.screens import Screens
from tests.work import run_queued_jobs


def people_of(organization: Organization) -> dict[Level, Contact]:
    """Somebody at each level, and somebody deleted."""
    histories: dict[Level, list[tuple[str, float]]] = {
        Level.HIGHLY_ENGAGED: [("form_submitted", 0.1)] * 3,
        Level.ENGAGED: [("form_submitted", 0.1)],
        Level.COOLING: [("email_opened", 80)],
        Level.INACTIVE: [("email_opened", 100)],
        Level.NEVER: [("email_sent", 1)],
    }
    people, now = {level: make_contact(organization) for level in histories}, timezone.now()
    with organization_scope(organization):
        for level, history in histories.items():
            record(
                *(
                    event(people[level], name, occurred_at=(now - timedelta(days=d)).isoformat())
                    for name, d in history
                ),
                now=now,
            )
        gone = make_contact(organization)
        contacts_delete(ids=[gone.pk], actor=SCREEN)
    return people


@pytest.mark.django_db
def test_the_view_counts_as_lists_do(organization: Organization) -> None:
    people_of(organization)
    other = make_organization()
    people_of(other)
    set_engagement(other, engagement_half_life_days=1)
    with organization_scope(other):
        engagement_rebuild()
    for each in (organization, other):
        engagement_summary_refresh()
        with organization_scope(each):
            ((day, counts),) = engagement_summary().days
            assert day == timezone.now().astimezone(UTC).date()
            lists = {level: contact_list(filters={"engagement": level}).count() for level in Level}
            assert counts == lists
            assert sum(counts.values()) == 5
    with organization_scope(other):
        assert engagement_summary().days[0][1][Level.HIGHLY_ENGAGED] == 1


@pytest.mark.django_db
def test_days_that_are_over_stay_as_they_were_looked_at_last(organization: Organization) -> None:
    people = people_of(organization)
    engagement_summary_refresh()
    engagement_summary_refresh()
    today = timezone.now().astimezone(UTC).date()
    # That day passes.
    EngagementDay.objects.update(day=today - timedelta(days=1))
    contacts_delete(ids=[people[Level.NEVER].pk], actor=SCREEN)
    with connection.cursor() as cursor:
        cursor.execute("refresh materialized view contact_engagement_summary")
    engagement_summary_refresh()
    (yesterday, before), (now, after) = engagement_summary().days
    assert (yesterday, now) == (today - timedelta(days=1), today)
    assert (before[Level.NEVER], after[Level.NEVER]) == (1, 0)
    assert engagement_summary(days=1).days == [(today, after)]
    assert engagement_summary().as_of is not None


@pytest.mark.django_db
def test_a_level_that_became_empty_is_not_kept(organization: Organization) -> None:
    people = people_of(organization)
    engagement_summary_refresh()
    engagement_summary_refresh()
    now = timezone.now()
    record(event(people[Level.INACTIVE], "form_submitted", occurred_at=now.isoformat()), now=now)
    engagement_summary_refresh()
    engagement_summary_refresh()
    today = EngagementDay.objects.values_list("level", "contacts")
    assert dict(today) == {
        Level.HIGHLY_ENGAGED: 1,
        Level.ENGAGED: 2,
        Level.COOLING: 1,
        Level.NEVER: 1,
    }


@pytest.mark.django_db(transaction=True)
def test_the_schedule_refreshes_beside_readers(organization: Organization) -> None:
    people_of(organization)
    enqueue_engagement_summary()
    assert run_queued_jobs()
    noted = MaterializedViewRefresh.objects.get(name="contact_engagement_summary")
    assert noted.organization is None
    with organization_scope(organization):
        summary = engagement_summary()
        assert summary.as_of == noted.refreshed_at
        assert sum(summary.days[0][1].values()) == 5


@pytest.mark.django_db
class TestLeaders:
    def names(self) -> list[int]:
        return [leader.contact.pk for leader in engagement_leaders()]

    def follow(self, organization: Organization) -> None:
        changes_process(organization_id=organization.pk)

    def test_the_highest_come_first_and_are_cached(self, organization: Organization) -> None:
        people = people_of(organization)
        self.follow(organization)
        order = [
            people[level].pk
            for level in (Level.HIGHLY_ENGAGED, Level.ENGAGED, Level.COOLING, Level.INACTIVE)
        ]
        leaders = engagement_leaders()
        assert [leader.contact.pk for leader in leaders] == order
        assert leaders[0].score == pytest.approx(15, rel=0.01)
        with CaptureQueriesContext(connection) as queries:
            assert self.names() == order
        assert not any("contact_engagement" in query["sql"] for query in queries)
        with organization_scope(make_organization()):
            assert engagement_leaders() == []

    def test_events_and_deletions_are_followed(self, organization: Organization) -> None:
        people = people_of(organization)
        self.follow(organization)
        first = self.names()[0]
        newcomer, now = make_contact(organization), timezone.now()
        record(
            *(event(newcomer, "form_submitted", occurred_at=now.isoformat()) for _ in range(9)),
            now=now,
        )
        self.follow(organization)
        assert self.names()[:2] == [newcomer.pk, first]
        contacts_delete(ids=[newcomer.pk, people[Level.COOLING].pk], actor=SCREEN)
        assert newcomer.pk not in self.names()
        self.follow(organization)
        assert self.names() == [
            people[level].pk for level in (Level.HIGHLY_ENGAGED, Level.ENGAGED, Level.INACTIVE)
        ]

    def test_what_was_read_in_front_of_a_change_is_not_kept(
        self, organization: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people_of(organization)
        self.follow(organization)
        from contacts.selectors import leaders

        read = leaders._read

        def slow_read() -> Any:
            """Somebody reads, and keeps only after a change has been followed."""
            found = read()
            leaders.leaders_forget(organization_id=organization.pk)
            return found[:1]

        monkeypatch.setattr(leaders, "_read", slow_read)
        assert len(self.names()) == 1
        monkeypatch.setattr(leaders, "_read", read)
        assert len(self.names()) == 4

    def test_other_settings_are_seen_at_once(
        self, organization: Organization, django_capture_on_commit_callbacks: Any
    ) -> None:
        people_of(organization)
        self.follow(organization)
        before = engagement_leaders()[0].score
        set_engagement(organization, engagement_weights={"form_submitted": 50})
        with django_capture_on_commit_callbacks(execute=True):
            engagement_rebuild()
        assert engagement_leaders()[0].score == pytest.approx(before * 10, rel=0.01)
        assert redis_connection().get(version_name(organization.pk)) is not None


@pytest.mark.django_db
def test_home_shows_levels_as_a_chart_and_a_table(organization: Organization) -> None:
    screens = Screens(organization)
    assert "As a table" not in screens.get("").content.decode()
    people = people_of(organization)
    changes_process(organization_id=organization.pk)
    engagement_summary_refresh()
    page = screens.get("").content.decode()
    assert page.count("<rect class=") == len(Level)
    assert 'href="/o/' in page
    assert "?engagement=highly_engaged" in page
    table = page.partition("Contacts by level of engagement</caption>")[2].partition("</table>")[0]
    assert table.count('<td class="k-end">1</td>') == len(Level)
    assert people[Level.HIGHLY_ENGAGED].display_name in page.partition("Most engaged")[2]
