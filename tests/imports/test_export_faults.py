"""Whatever dies, and whenever: the file in the end is that of an export that nobody disturbed."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.db import connection, transaction
from django.utils import timezone

from imports.models import ExportJob, ExportStatus
from imports.services import exporting
from imports.services.export_files import export_files_delete
from imports.services.exporting import export_run
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from organizations.services.leases import LeaseLost, lease_take, leases_sweep
from organizations.statements import execute
from tests.factories import exported, make_contact, make_export, make_organization
from tests.nursery import Nursery, Worker, running_nursery
from tests.waiting import await_

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS, EXPORTS, KILLS = 40_000, 3, 4
PEOPLE = """
  insert into contacts (organization_id, kind, email, email_key, first_name, city, custom_fields, is_active,
    is_subscribed, created_at, updated_at)
  select %(organization_id)s, 'person', 'p' || n || '@example.com', 'p' || n || '@example.com', '=Name ' || n,
    'City ' || n %% 50, '{}', true, n %% 3 > 0, '2026-01-01', '2026-01-01'
  from generate_series(1, %(rows)s) as n
"""


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[Nursery]:
    with running_nursery("imports") as nursery:
        yield nursery


def content(job: ExportJob) -> bytes:
    with job.file.open("rb") as file:
        return bytes(file.read())


def stored(job: ExportJob) -> list[str]:
    return [f"{job.folder}/{name}" for name in job.storage.listdir(job.folder)[1]]


def reread(job: ExportJob) -> ExportJob:
    return ExportJob.unscoped.get(pk=job.pk)


def is_live(job: ExportJob) -> bool:
    return reread(job).status in ExportJob.LIVE_STATUSES


def is_writing(job: ExportJob, worker: Worker) -> bool:
    """Whether a worker is at the rows of an export, or they are all written."""
    phase = reread(job).phase
    return phase not in (exporting.COUNT, exporting.WRITE) or (
        phase == exporting.WRITE and bool(worker.horses())
    )


def let_leases_run_out() -> None:
    """Instead of waiting for a minute, and then the sweep that restarts what is left."""
    past = timezone.now() - timedelta(seconds=1)
    rows = ExportJob.unscoped.filter(status__in=ExportJob.LIVE_STATUSES)
    rows.update(lease_expires_at=past)
    leases_sweep()


def crowded_organization() -> Organization:
    organization = make_organization()
    with organization_scope(organization):
        execute(PEOPLE, {"organization_id": organization.pk, "rows": ROWS})
        execute("analyze contacts", {})
    return organization


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_kill_9_at_random_moments(nursery: Nursery, format: str) -> None:
    organization, pick = crowded_organization(), random.Random(20261124)
    worker = nursery.start_worker()
    calm = make_export(organization, format=format)
    await_(lambda: not is_live(calm), "the end", nursery.output)
    calm = reread(calm)
    expected, seconds = content(calm), (calm.finished_at - calm.started_at).total_seconds()
    moments: Counter[str] = Counter()
    for _ in range(EXPORTS):
        job, died_at_its_end = make_export(organization, format=format), False
        for kill in range(KILLS):
            moment = time.monotonic() + pick.uniform(0.0, 0.6 * seconds)
            await_(lambda moment=moment: time.monotonic() >= moment, "the moment")
            if kill % 2:
                # However slow this one is, beside the calm one.
                await_(
                    lambda job=job, worker=worker: is_writing(job, worker), "rows", nursery.output
                )
            row, is_at_work = reread(job), bool(worker.horses())
            worker.kill()
            died_at_its_end = died_at_its_end or not is_live(job)
            moments[row.phase] += is_at_work and row.status == ExportStatus.RUNNING
            worker = nursery.start_worker()
            let_leases_run_out()
        await_(lambda job=job: not is_live(job), "the end", nursery.output)
        job = reread(job)
        assert (job.status, job.progress_done) == (ExportStatus.COMPLETED, ROWS), job.error
        assert content(job) == expected
        # The row says that it is done before the last of its parts is gone; who is killed between the two leaves them to
        # the removal of the whole folder, when the export's time is up.
        if not died_at_its_end:
            await_(lambda job=job: stored(job) == [job.file.name], "the parts to go")
    worker.kill()
    assert moments["write"] >= EXPORTS, moments


def small_export(format: str = "csv") -> ExportJob:
    organization = make_organization()
    for _ in range(7):
        make_contact(organization)
    return make_export(organization, format=format)


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PART_ROWS", 2)


class Crash(BaseException):
    """As if the process had died here."""


@pytest.mark.usefixtures("_small_parts")
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_crash_after_any_write_to_the_storage_or_before_any_commit(
    format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = small_export(format)
    expected = content(exported(make_export(job.organization, format=format)))
    renew, calls = exporting.lease_renew, Counter[str]()

    def dying(**steps: Any) -> None:
        calls["all"] += 1
        if calls["all"] % 2:
            raise Crash
        renew(**steps)

    monkeypatch.setattr(exporting, "lease_renew", dying)
    with organization_scope(job.organization_id):
        while is_live(job):
            ExportJob.objects.update(claim_token=None, attempts=0)
            lease = lease_take(work=job)
            assert lease is not None
            try:
                export_run(reread(job), lease=lease)
            except Crash:
                continue
    job = reread(job)
    assert calls["all"] >= 10
    assert content(job) == expected
    assert len(job.storage.listdir(job.folder)[1]) == 1


def test_crash_between_commit_and_queue(run_jobs: Any) -> None:
    organization = make_organization()
    make_contact(organization)
    with transaction.atomic():
        job = make_export(organization)
        # As if the process had died right after the commit.
        connection.run_on_commit.clear()
    assert len(django_rq.get_queue("imports")) == 0
    let_leases_run_out()
    assert run_jobs() >= 1
    assert reread(job).status == ExportStatus.COMPLETED


def test_redis_flushed_while_waiting(run_jobs: Any) -> None:
    job = small_export()
    redis_connection().flushdb()
    assert run_jobs() == 0
    let_leases_run_out()
    run_jobs()
    assert reread(job).status == ExportStatus.COMPLETED


@pytest.mark.usefixtures("_small_parts")
def test_whoever_lost_the_lease_leaves_nothing() -> None:
    job = small_export()
    # What an earlier database left under the same number.
    export_files_delete(job=job)
    with organization_scope(job.organization_id):
        first = lease_take(work=job)
        assert first is not None
        exporting._step(reread(job), first)
        exporting._step(reread(job), first)
        slow = reread(job)
        past = timezone.now() - timedelta(seconds=1)
        ExportJob.objects.update(lease_expires_at=past)
        second = lease_take(work=job)
        assert second is not None
        exporting._step(reread(job), second)
        with pytest.raises(LeaseLost):
            exporting._write(slow, first)
        stored = set(job.storage.listdir(job.folder)[1])
        assert stored == {name.rpartition("/")[2] for name, _ in reread(job).parts}
        assert export_run(reread(job), lease=second) is True
    assert content(reread(job)).count(b"\n") == 8
