"""Small files are checked and run at once; what dies on the way is taken over by a worker."""

import uuid
from typing import Any

import django_rq
import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import Contact, Door
from contacts.services.contacts import contact_update
from imports.jobs import run_import
from imports.models import ImportJob
from imports.selectors.record_list import record_list
from imports.services import validation
from imports.services.control import import_cancel, import_start, import_validate
from imports.services.uploads import import_map
from imports.views import mapping
from organizations.models import Notice, Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from organizations.services.leases import leases_sweep
from tests.api_suite import Program
from tests.factories import SCREEN, checked, make_contact, make_import, make_organization
from tests.screens import Screens
from tests.work import run_queued_jobs

TEXT = "email,city\na@x.org,Oslo\nb@x.org,Rome\n"
COLUMNS = [{"index": 0, "target": "email"}, {"index": 1, "target": "city"}]


def queued() -> int:
    return len(django_rq.get_queue("imports"))


@pytest.fixture
def home(settings: Any, transactional_db: None) -> Organization:
    settings.IMPORT_SYNC_BYTES = 1000
    redis_connection().flushdb()
    return make_organization()


def test_a_small_file_needs_no_worker(home: Organization) -> None:
    job = make_import(home, TEXT, columns=COLUMNS)
    program = Program(home)
    answer = program.post(f"imports/{job.pk}/validate/")
    assert (answer.status_code, answer.json()["status"]) == (202, "validated")
    answer = program.post(f"imports/{job.pk}/start/").json()
    assert (answer["status"], answer["counts"]["created"]) == ("completed", 2)
    assert answer["processing_mode"] == "sync"
    assert queued() == 0


def test_a_larger_one_goes_to_a_worker(home: Organization) -> None:
    text = TEXT + "".join(f"c{n}@x.org,Bergen\n" for n in range(100))
    job = make_import(home, text, columns=COLUMNS)
    with organization_scope(home):
        assert import_validate(job=job).processing_mode == "async"
    assert queued() == 1


def test_what_died_on_the_way_is_left_to_a_worker(home: Organization) -> None:
    job = make_import(home, TEXT, columns=COLUMNS)
    with organization_scope(home), transaction.atomic():
        import_validate(job=job)
        # As if the process had died right after the commit.
        connection.run_on_commit.clear()
    assert queued() == 0
    ImportJob.unscoped.filter(pk=job.pk).update(lease_expires_at=timezone.now())
    assert leases_sweep() == 1
    assert ImportJob.unscoped.get(pk=job.pk).status == "validating"
    assert queued() == 1


def test_an_error_on_the_way_is_told_and_left_to_a_worker(
    home: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_import(home, TEXT, columns=COLUMNS)

    def fail(*args: Any) -> None:
        raise RuntimeError("The disk is full.")

    monkeypatch.setitem(validation.PHASES, "compare", fail)
    screens = Screens(home)
    answer = screens.post(f"imports/{job.pk}/validate/")
    assert answer.url == screens.address(f"imports/{job.pk}/")
    assert "The last attempt stopped" in screens.get(f"imports/{job.pk}/").content.decode()
    assert ImportJob.unscoped.get(pk=job.pk).claim_token is None
    monkeypatch.undo()
    ImportJob.unscoped.filter(pk=job.pk).update(lease_expires_at=timezone.now())
    assert leases_sweep() == 1
    run_queued_jobs()
    assert ImportJob.unscoped.get(pk=job.pk).status == "validated"


def test_what_is_rolled_back_is_not_worked_on(home: Organization) -> None:
    job = make_import(home, TEXT, columns=COLUMNS)
    with organization_scope(home), transaction.atomic():
        import_validate(job=job)
        transaction.set_rollback(True)
    found = ImportJob.unscoped.get(pk=job.pk)
    assert (found.status, found.total_records, queued()) == ("draft", 0, 0)


def test_a_cancel_meanwhile_ends_the_work(
    home: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests, one that checks and one that cancels."""
    job = make_import(home, TEXT, columns=COLUMNS)
    compare = validation.PHASES["compare"]

    def cancelled(*args: Any) -> None:
        import_cancel(job=job)
        compare(*args)

    monkeypatch.setitem(validation.PHASES, "compare", cancelled)
    answer = Program(home).post(f"imports/{job.pk}/validate/")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert ImportJob.unscoped.get(pk=job.pk).predicted_counts == {}


def test_a_repeated_request_has_its_effect_once(home: Organization) -> None:
    """The answer is kept by the transaction that starts the work, so it says what was so then."""
    job = make_import(home, TEXT, columns=COLUMNS)
    program = Program(home)
    for _ in range(2):
        answer = program.post(f"imports/{job.pk}/validate/", Idempotency_Key="once")
        assert (answer.status_code, answer.json()["status"]) == (202, "validating")
        assert program.get(f"imports/{job.pk}/").json()["status"] == "validated"


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_second_click_on_the_mapping_leads_to_the_import(
    home: Organization, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The first click's request is still at it: the second one's finds that at once, or when it stores its mapping."""
    job, screens = make_import(home, TEXT, columns=COLUMNS), Screens(home)
    rows = ImportJob.unscoped.filter(pk=job.pk)

    def first_click(**options: Any) -> Any:
        rows.update(status="validating", claim_token=uuid.uuid4())
        return import_map(**options)

    if moment == "before":
        rows.update(status="validating", claim_token=uuid.uuid4())
    else:
        monkeypatch.setattr(mapping, "import_map", first_click)
    values = {
        "column-0-target": "email",
        "column-1-target": "city",
        "match": "email",
        "mode": "upsert",
    }
    answer = screens.post(f"imports/{job.pk}/map/", values)
    assert answer.url == screens.address(f"imports/{job.pk}/")
    assert rows.get().status == "validating"


class TestDifferences:
    """Contacts that change between the check and the run."""

    @pytest.fixture
    def job(self, organization: Organization) -> ImportJob:
        contact = make_contact(organization, email="a@x.org", city="Bergen")
        job = checked(make_import(organization, TEXT, columns=COLUMNS))
        assert job.predicted_counts == {"updated": 1, "created": 1}
        contact_update(contact=contact, patch={"city": "Oslo"}, actor=SCREEN)
        import_start(job=job, actor=SCREEN)
        run_import(organization_id=organization.pk, import_id=job.pk)
        job.refresh_from_db()
        return job

    def test_lines_that_ended_otherwise_are_told(
        self, organization: Organization, job: ImportJob
    ) -> None:
        assert job.counts == {"unchanged": 1, "created": 1}
        (record,) = record_list(job=job, outcome="differing")
        assert (record.predicted, record.outcome) == ("updated", "unchanged")
        page = Screens(organization).get(f"imports/{job.pk}/?outcome=differing").content.decode()
        assert "1 line ended otherwise than the check had shown" in page
        assert "Shown before: Updated" in page

    def test_programs_are_told_too(self, organization: Organization, job: ImportJob) -> None:
        program = Program(organization)
        assert program.get(f"imports/{job.pk}/").json()["differing"] == 1
        lines = program.get(f"imports/{job.pk}/records/?is_differing=true").json()["results"]
        assert [line["predicted"] for line in lines] == ["updated"]
        assert Contact.objects.count() == 2


def test_its_notice_leads_to_it(home: Organization) -> None:
    """Run inside of a request, below the organization's own address."""
    screens = Screens(home)
    job = make_import(home, TEXT, columns=COLUMNS, actor=Actor(door=Door.SCREEN, user=screens.user))
    for step in ("validate", "start"):
        screens.post(f"imports/{job.pk}/{step}/")
    with organization_scope(home):
        assert Notice.objects.get().link == f"/imports/{job.pk}/"
