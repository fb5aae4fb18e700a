"""The home page: what runs, and what needs somebody."""

from datetime import UTC, timedelta

from django.utils import timezone

from contacts.engagement import Level
from contacts.jobs import run_operation
from contacts.models import ContactOperation, EngagementDay
from contacts.services.engagement_summary import engagement_summary_refresh
from contacts.services.undo import operation_undo
from imports.services.control import import_undo
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from segments.services.segments import segment_create
from tests.factories import SCREEN, imported, make_contact, make_import
from tests.screens import Screens

FILE = "email\n" + "".join(f"p{n}@example.org\n" for n in range(4))


def test_of_an_undo_the_progress_is_that_of_the_undo(organization: Organization) -> None:
    job = import_undo(job=imported(make_import(organization, FILE)), actor=SCREEN)
    ContactOperation.objects.filter(undoes=job.operation).update(progress_done=1)
    page = Screens(organization).get("")
    (work,) = page.context["running"]
    assert (work.label, work.status, work.done, work.total) == ("people.csv", "Being undone", 1, 4)
    assert "1 of 4 · Waiting for a worker." in page.content.decode()


def test_an_undo_that_is_taken_back_is_shown_once(organization: Organization) -> None:
    job = import_undo(job=imported(make_import(organization, FILE)), actor=SCREEN)
    undo = ContactOperation.objects.get(undoes=job.operation)
    run_operation(organization_id=organization.pk, operation_id=undo.pk)
    undo.refresh_from_db()
    operation_undo(operation=undo, actor=SCREEN)
    (work,) = Screens(organization).get("").context["running"]
    assert (work.status, work.done, work.total) == ("Being put back", 0, 4)


def test_failures_come_before_what_was_begun(organization: Organization) -> None:
    imported(make_import(organization, "email\nbad\na@example.org\n"))
    for number in range(7):
        make_import(organization, FILE, name=f"draft-{number}.csv")
    page = Screens(organization).get("")
    assert [(point.text, point.verb) for point in page.context["points"]] == [
        ("1 row of people.csv failed.", "See and repair them"),
        ("7 files were uploaded and not imported yet.", "Go on, or discard them"),
    ]


def test_a_viewer_is_not_asked_to_go_on(organization: Organization) -> None:
    make_import(organization, FILE, name="draft.csv")
    (point,) = Screens(organization).get("").context["points"]
    assert (point.text, point.verb) == ("draft.csv was uploaded and not imported yet.", "Go on")
    viewer = Screens(organization, role=Role.VIEWER)
    assert viewer.get("").context["points"] == []


def test_a_day_of_engagement_is_one_column_of_thirty(organization: Organization) -> None:
    make_contact(organization)
    with organization_scope(organization):
        before = timezone.now().astimezone(UTC).date() - timedelta(days=9)
        EngagementDay.objects.create(day=before, level=Level.ENGAGED, contacts=4)
        engagement_summary_refresh()
    page = Screens(organization).get("")
    bars = [bar for bar in page.context["engagement_bars"] if bar.height]
    assert [(round(bar.x / 100 * 30), bar.level, bar.height) for bar in bars] == [
        (20, Level.ENGAGED, 24),
        (29, Level.NEVER, 6),
    ]
    assert all(bar.width < 100 / 30 for bar in bars)
    axes = page.context["engagement_axes"]
    assert (axes["first"], axes["top"]) == (before - timedelta(days=20), 4)
    assert f"Counted since {before:%-d %B}" in page.content.decode()


def test_engagement_that_was_not_counted_yet_says_so(organization: Organization) -> None:
    assert "never counted" not in Screens(organization).get("").content.decode()
    make_contact(organization)
    assert "It was never counted yet." in Screens(organization).get("").content.decode()
    with organization_scope(organization):
        engagement_summary_refresh()
    page = Screens(organization).get("").content.decode()
    assert "never counted" not in page
    assert "As of" in page


def test_segments_are_counted(organization: Organization) -> None:
    make_contact(organization)
    user = Screens(organization).user
    rules = {"type": "attribute", "field": "city", "operator": "equals", "value": "Oslo"}
    with organization_scope(organization):
        segment_create(name="Oslo", rules=rules, user=user)
    assert Screens(organization).get("").context["segment_count"] == 1
