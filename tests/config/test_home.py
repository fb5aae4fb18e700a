"""The home page: what runs, and what needs somebody."""

from contacts.jobs import run_operation
from contacts.models import ContactOperation
from contacts.services.undo import operation_undo
from imports.services.control import import_undo
from organizations.models import Organization
from organizations.roles import Role
from tests.factories import SCREEN, imported, make_import
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
