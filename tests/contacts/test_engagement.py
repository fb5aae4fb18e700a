"""Scores: equal to the direct sum, in an order that never changes, and the same when computed anew."""

from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.engagement import (
    Level,
    level_filter,
    level_of,
    score_at,
    score_expression,
    stored_threshold,
    weighing,
)
from contacts.jobs import sweep_engagement
from contacts.models import Contact, ContactChange, ContactEngagement, ContactEvent
from contacts.selectors.contact_list import contact_list
from contacts.selectors.engagement import engagement_of
from contacts.services.engagement import (
    checked_weights,
    engagement_rebuild,
    organizations_to_rebuild,
)
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.contacts.events import (
    NOW,
    WEIGHTS,
    ago,
    direct_score,
    engagement,
    event,
    record,
    set_engagement,
)
from tests.factories import make_contact, make_organization
from tests.work import run_queued_jobs

MONTH = timedelta(days=30)
NAMES = [*WEIGHTS, "webinar_attended"]
happenings = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 3_000 * 24)), min_size=0, max_size=12
)


def at(hours: int) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.mark.django_db
@settings(max_examples=12)
@given(histories=st.lists(happenings, min_size=2, max_size=3), cuts=st.integers(1, 5))
def test_scores_are_the_direct_sum_in_an_order_that_never_changes(
    histories: list[Any], cuts: int
) -> None:
    organization = make_organization()
    with organization_scope(organization):
        people = [make_contact(organization) for _ in histories]
        sent = [
            event(person, name, occurred_at=at(hours).isoformat())
            for person, history in zip(people, histories, strict=True)
            for name, hours in history
        ]
        # In any number of batches, in any order.
        for start in range(cuts):
            record(*sent[start::cuts])
        rows = {row.contact_id: row for row in ContactEngagement.objects.all()}
        by_stored = list(
            ContactEngagement.objects.exclude(engagement_score=None)
            .order_by("engagement_score")
            .values_list("contact_id", flat=True)
        )
        done_by = {
            person.pk: [(name, at(hours)) for name, hours in history]
            for person, history in zip(people, histories, strict=True)
        }
        for now in (NOW, NOW + MONTH, NOW + 40 * MONTH):
            direct = {pk: direct_score(done, now=now) for pk, done in done_by.items()}
            for pk, done in done_by.items():
                assert (pk in rows) == bool(done)
                stored = rows[pk].engagement_score if pk in rows else None
                assert score_at(stored, now, MONTH) == pytest.approx(direct[pk], rel=1e-9)
            # The order of what is stored is theirs, at any time.
            for lower, higher in pairwise(by_stored):
                assert direct[lower] <= direct[higher] * (1 + 1e-9)
        assert engagement_rebuild() == 0


@pytest.mark.django_db
def test_queries_and_python_agree_about_scores_and_levels(organization: Organization) -> None:
    histories = {
        Level.HIGHLY_ENGAGED: [("form_submitted", 1)] * 3,
        Level.ENGAGED: [("email_clicked", 1), ("email_opened", 2)],
        Level.COOLING: [("email_opened", 80 * 24)],
        Level.INACTIVE: [("email_opened", 100 * 24)],
        Level.NEVER: [("email_sent", 1)],
    }
    people = {level: make_contact(organization) for level in histories}
    quiet = make_contact(organization)
    for level, history in histories.items():
        record(*(event(people[level], n, occurred_at=at(h).isoformat()) for n, h in history))
    for level, person in people.items():
        wanted = {person.pk, quiet.pk} if level == Level.NEVER else {person.pk}
        found = Contact.objects.filter(level_filter(level, NOW, MONTH))
        assert set(found.values_list("pk", flat=True)) == wanted
        row = ContactEngagement.objects.get(contact=person)
        assert level_of(row.engagement_score, row.last_engaged_at, NOW, MONTH) == level
        assert engagement_of([person.pk], now=NOW)[person.pk].engagement_level == level
    seen = score_expression(NOW, MONTH, "engagement_score")
    rows = ContactEngagement.objects.annotate(seen=seen)
    by_contact = dict(rows.values_list("contact_id", "seen"))
    for level, history in histories.items():
        direct = direct_score([(n, at(h)) for n, h in history], now=NOW)
        assert (by_contact[people[level].pk] or 0) == pytest.approx(direct, rel=1e-9)
    above = rows.filter(engagement_score__gt=stored_threshold(3.9, NOW, MONTH))
    assert set(above.values_list("contact_id", flat=True)) == {
        people[Level.HIGHLY_ENGAGED].pk,
        people[Level.ENGAGED].pk,
    }


def test_weights_of_nothing_and_of_own() -> None:
    own = {"email_opened": 0, "webinar_attended": 8}
    weigh = weighing(Organization(engagement_in_force={"half_life_days": 30, "weights": own}))
    assert weigh("email_opened", NOW) is None
    assert weigh("email_sent", NOW) is None
    more = weigh("webinar_attended", NOW)
    less = weigh("anything", NOW - MONTH)
    assert more is not None
    assert less is not None
    assert more - less == pytest.approx(3 + 1)


@pytest.mark.parametrize(
    "weights", [{"a": -1}, {"a": "1"}, {"a": True}, {"a": 1001}, {str(n): 1 for n in range(101)}]
)
def test_weights_that_are_none_are_refused(weights: Any) -> None:
    with pytest.raises(ValidationError):
        checked_weights(weights)


def mixed_events(people: list[Contact]) -> list[Any]:
    return [
        event(
            person, name, occurred_at=ago(hours=n * 13), data={"user_agent": agent}, source_id="s"
        )
        for n, (person, name, agent) in enumerate(
            (person, name, agent)
            for agent in ("", "Googlebot/2.1")
            for name in NAMES
            for person in people
        )
    ]


@pytest.mark.django_db
def test_rebuilt_figures_are_the_running_ones(organization: Organization) -> None:
    people = [make_contact(organization) for _ in range(3)]
    sent = mixed_events(people)
    for start in range(4):
        record(*sent[start::4])
    running = list(ContactEngagement.objects.order_by("contact_id").values())
    ContactChange.objects.all().delete()
    assert engagement_rebuild() == 0
    assert not ContactChange.objects.exists()
    # Spoiled, removed and made up figures are mended; only what differed is written and told.
    first, second, _ = people
    rows = ContactEngagement.objects.all()
    rows.filter(contact=first).update(engagement_score=1, total_emails_opened=99)
    rows.filter(contact=second).delete()
    extra = make_contact(organization)
    ContactEngagement.objects.create(contact=extra, total_emails_sent=5)
    ContactChange.objects.all().delete()
    assert engagement_rebuild() == 3
    told = ContactChange.objects.filter(kind="engagement").values_list("contact_id", flat=True)
    assert set(told) == {first.pk, second.pk, extra.pk}
    rebuilt = list(ContactEngagement.objects.order_by("contact_id").values())
    assert len(rebuilt) == len(running)
    for ours, theirs in zip(rebuilt, running, strict=True):
        score = ours.pop("engagement_score")
        assert score == pytest.approx(theirs.pop("engagement_score"), abs=1e-9)
        assert ours == theirs


@pytest.mark.django_db
def test_a_command_rebuilds(organization: Organization) -> None:
    person = make_contact(organization)
    record(event(person, "email_opened"))
    ContactEngagement.objects.update(total_emails_opened=7)
    out = StringIO()
    call_command("rebuild_engagement", organization=organization.slug, stdout=out)
    assert out.getvalue() == "1 contacts had other figures\n"
    assert engagement(person).total_emails_opened == 1  # type: ignore[union-attr]


@pytest.mark.django_db
def test_rebuilding_leaves_others_alone(organization: Organization) -> None:
    elsewhere = make_organization()
    other = make_contact(elsewhere)
    with organization_scope(elsewhere):
        record(event(other, "email_opened"))
        ContactEngagement.objects.update(total_emails_opened=7)
    make_contact(organization)
    assert engagement_rebuild() == 0
    assert engagement(other).total_emails_opened == 7  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_other_settings_are_in_force_once_all_scores_are_computed(
    organization: Organization,
) -> None:
    person = make_contact(organization)
    done = [("email_opened", at(24 * 40)), ("webinar_attended", at(24 * 2))]
    record(*(event(person, name, occurred_at=when.isoformat()) for name, when in done))
    assert organizations_to_rebuild() == []
    own = {"webinar_attended": 8.5, "email_opened": 2}
    set_engagement(organization, engagement_half_life_days=7, engagement_weights=own)
    assert organizations_to_rebuild() == [organization.pk]
    # Until then all goes on by the old ones, what comes in between too.
    done.append(("email_clicked", at(1)))
    record(event(person, "email_clicked"))
    assert score_now(person) == pytest.approx(direct_score(done, now=NOW), abs=1e-3)
    sweep_engagement()
    assert run_queued_jobs()
    assert organizations_to_rebuild() == []
    wanted = direct_score(done, now=NOW, half_life_days=7, weights=WEIGHTS | own)
    assert score_now(person) == pytest.approx(wanted, abs=1e-3)
    done.append(("webinar_attended", NOW))
    record(event(person, "webinar_attended", occurred_at=NOW.isoformat()))
    assert score_now(person) == pytest.approx(wanted + 8.5, abs=1e-3)
    assert organizations_to_rebuild() == []


def score_now(contact: Contact) -> float:
    return engagement_of([contact.pk], now=NOW)[contact.pk].engagement_score


@pytest.mark.django_db
def test_lists_show_who_is_at_a_level(organization: Organization) -> None:
    keen, quiet = make_contact(organization), make_contact(organization)
    stale = make_contact(organization)
    now = timezone.now()
    record(
        event(keen, "form_submitted", occurred_at=now.isoformat()),
        event(stale, "email_opened", occurred_at=(now - timedelta(days=100)).isoformat()),
        now=now,
    )
    for level, person in (("engaged", keen), ("inactive", stale), ("never", quiet)):
        found = contact_list(filters={"engagement": level})
        assert [each.pk for each in found] == [person.pk]
    assert not contact_list(filters={"engagement": "cooling"})
    with pytest.raises(ValidationError):
        contact_list(filters={"engagement": "nonsense"})


@pytest.mark.django_db
def test_figures_go_with_their_contact(organization: Organization) -> None:
    person = make_contact(organization)
    record(event(person, "email_opened"))
    Contact.with_deleted.filter(pk=person.pk)._raw_delete("default")
    assert not ContactEvent.objects.exists()
    assert not ContactEngagement.objects.exists()


@pytest.mark.django_db
def test_a_score_that_is_as_good_as_none_can_be_asked_for(organization: Organization) -> None:
    contact = make_contact(organization)
    ContactEngagement.objects.create(contact=contact, engagement_score=-5000.0)
    nobody = make_contact(organization)
    ContactEngagement.objects.create(contact=nobody)
    seen = score_expression(NOW, MONTH, "engagement_score")
    rows = dict(ContactEngagement.objects.annotate(s=seen).values_list("contact_id", "s"))
    assert rows[nobody.pk] is None
    assert 0 <= rows[contact.pk] < 1e-300
