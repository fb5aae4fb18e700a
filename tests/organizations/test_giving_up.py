"""Long work that is given up tells whoever started it: why, and what they can do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.actors import Actor
from contacts.jobs import run_operation
from contacts.models import Contact, ContactOperation, Door, OperationBatch, OperationKind
from contacts.services.bulk import bulk_edit_start
from contacts.services.undo import operation_undo
from imports.jobs import run_export, run_import
from imports.models import ExportJob, ImportJob
from imports.services import exporting
from imports.services.control import import_start
from organizations.locks import LockSpace
from organizations.models import Notice, Organization
from organizations.scope import organization_scope
from organizations.services.leases import MAX_ATTEMPTS
from organizations.services.notices import notice_mail
from tests.factories import (
    checked,
    make_contact,
    make_export,
    make_import,
    make_organization,
    make_user,
    undone,
)
from tests.mail import Mailbox
from tests.others import Other
from tests.screens import Screens
from tests.waiting import await_, blocked, waiting_for

Starter = Callable[[Organization, Actor], Any]


def changed(organization: Organization, actor: Actor, kind: str = "bulk_edit") -> ContactOperation:
    make_contact(organization)
    return bulk_edit_start(
        selection={"filters": {}, "max_id": 10**9},
        patch={"city": "Oslo"},
        actor=actor,
        label="Set city",
        kind=OperationKind(kind),
    )


def deleted(organization: Organization, actor: Actor) -> ContactOperation:
    return changed(organization, actor, "delete")


def made(organization: Organization) -> ContactOperation:
    """What made a contact."""
    make_contact(organization)
    return ContactOperation.objects.latest("pk")


def taken_back(organization: Organization, actor: Actor) -> ContactOperation:
    return operation_undo(operation=made(organization), actor=actor)


def put_back(organization: Organization, actor: Actor) -> ContactOperation:
    return operation_undo(operation=undone(made(organization)), actor=actor)


def sent_out(organization: Organization, actor: Actor) -> ExportJob:
    return make_export(organization, actor=actor)


def taken_in(organization: Organization, actor: Actor) -> ImportJob:
    job = checked(make_import(organization, "email\na@x.org\n", actor=actor))
    return import_start(job=job, actor=actor)


STARTERS = {
    changed: "Set city",
    deleted: "Set city",
    taken_back: "Undo: ",
    put_back: "Undo: Undo: ",
    sent_out: "The export ",
    taken_in: "The import of ",
}


def give_up(work: Any, error: str = "OSError: no room on the disk") -> None:
    """Let a worker find work that was tried often enough."""
    type(work).objects.filter(pk=work.pk).update(
        attempts=MAX_ATTEMPTS, error=error, lease_expires_at=timezone.now()
    )
    run(work)
    work.refresh_from_db()
    assert work.status == "failed"


def run(work: Any) -> None:
    scope = {"organization_id": work.organization_id}
    if isinstance(work, ImportJob):
        run_import(**scope, import_id=work.pk)
    elif isinstance(work, ExportJob):
        run_export(**scope, export_id=work.pk)
    else:
        run_operation(**scope, operation_id=work.pk)


@pytest.mark.parametrize("start", STARTERS, ids=lambda start: start.__name__)
def test_who_started_it_is_told_and_finds_the_page(
    organization: Organization, mailbox: Mailbox, start: Starter
) -> None:
    screens, other = Screens(organization), Screens(organization)
    give_up(start(organization, Actor(door=Door.SCREEN, user=screens.user)))
    notice = Notice.objects.get()
    assert (notice.user, notice.tone) == (screens.user, "bad")
    assert STARTERS[start] in notice.title
    assert "OSError: no room on the disk. " in notice.text
    assert "on its page" in notice.text
    notice_mail(notice_id=notice.pk)
    assert notice.text in " ".join(mailbox.text().split())
    for reader, is_read in ((other, False), (screens, True)):
        assert reader.get(notice.link.removeprefix("/")).status_code == 200
        notice.refresh_from_db()
        assert (notice.read_at is not None) == is_read


@pytest.mark.parametrize("start", STARTERS, ids=lambda start: start.__name__)
def test_programs_and_people_who_are_gone_are_not_told(
    organization: Organization, start: Starter
) -> None:
    give_up(start(organization, Actor(door=Door.API)))
    assert not Notice.objects.exists()
    assert not OperationBatch.objects.exists()


@pytest.mark.parametrize("start", STARTERS, ids=lambda start: start.__name__)
def test_what_killed_its_worker_each_time_has_a_reason_too(
    organization: Organization, start: Starter
) -> None:
    user = make_user(organization)
    give_up(start(organization, Actor(door=Door.SCREEN, user=user)), error="")
    assert "It was tried several times without a step forward. " in Notice.objects.get().text


def test_what_raises_each_time_is_told_once(organization: Organization) -> None:
    user = make_user(organization)
    work = changed(organization, Actor(door=Door.SCREEN, user=user))
    # As an earlier version would have left it, which read its selection batch by batch.
    work.params["selection"] = {"filters": {"created_after": "soon"}, "max_id": 1}
    work.save()
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(ValidationError):
            run(work)
        ContactOperation.objects.filter(pk=work.pk).update(lease_expires_at=None)
        assert not Notice.objects.exists()
    for _ in range(2):
        run(work)
    assert "“soon” is not a date" in Notice.objects.get().text


def test_an_export_that_can_not_be_made_is_told(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_ROWS", 1)
    user = make_user(organization)
    make_contact(organization)
    job = make_export(organization, format="xlsx", actor=Actor(door=Door.SCREEN, user=user))
    run(job)
    notice = Notice.objects.get(user=user)
    assert notice.text.startswith("A spreadsheet holds 0 contacts at most")
    assert notice.link == f"/exports/{job.pk}/"


@pytest.mark.django_db(transaction=True)
def test_who_is_still_at_what_is_given_up_commits_nothing_more() -> None:
    organization = make_organization()
    with organization_scope(organization):
        work = changed(organization, Actor(door=Door.API))
        with blocked(
            "select pg_advisory_xact_lock(%s, %s)", int(LockSpace.CONTACTS), organization.pk
        ):
            slow = Other(organization, lambda: run(work))
            slow.start()
            await_(waiting_for("advisory"), "the contacts")
            give_up(work)
        assert slow.ended() is None
        work.refresh_from_db()
        assert (work.status, work.progress_done, work.progress_total) == ("failed", 0, 1)
        assert Contact.objects.get().city is None


@pytest.mark.django_db(transaction=True)
def test_an_undo_that_is_given_up_goes_on_where_its_notice_leads(run_jobs: Any) -> None:
    organization = make_organization()
    screens = Screens(organization)
    with organization_scope(organization):
        undo = taken_back(organization, Actor(door=Door.SCREEN, user=screens.user))
        give_up(undo)
        page = screens.get(Notice.objects.get().link.removeprefix("/"))
        address = f"/o/{organization.slug}/operations/{undo.undoes_id}/undo/"
        assert f'action="{address}"' in page.content.decode()
        screens.client.post(address)
        run_jobs()
        assert undo.undoes.undos.latest("pk").summary == {"reverted": 1}


def test_the_page_of_what_is_given_up_says_the_way_out(organization: Organization) -> None:
    screens = Screens(organization)
    work = changed(organization, Actor(door=Door.SCREEN, user=screens.user))
    assert b"once more" not in screens.get(f"operations/{work.pk}/").content
    give_up(work)
    assert b"once more" in screens.get(f"operations/{work.pk}/").content
