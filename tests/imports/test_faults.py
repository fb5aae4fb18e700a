"""Whatever dies, and whenever: the rows in the end are those of an import that nobody disturbed."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import django_rq
import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact, ContactHistory
from imports.jobs import run_import
from imports.models import ImportJob, ImportRecord, ImportStatus, Outcome
from imports.services.control import import_start, import_validate
from imports.services.working import RUNNERS
from organizations.locks import LockSpace
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from organizations.services.leases import Lease, LeaseLost, lease_take, leases_sweep
from tests.factories import SCREEN, checked, imported, make_import, make_organization
from tests.imports.final_rows import final_rows
from tests.nursery import Nursery, running_nursery
from tests.others import Other
from tests.processes import lives
from tests.waiting import await_, blocked, waiting_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

COLUMNS = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "external_id"},
    {"index": 2, "target": "first_name"},
    {"index": 3, "target": "city"},
    {"index": 4, "target": "custom:age", "type": "number"},
    {"index": 5, "target": "is_subscribed"},
    {"index": 6, "target": "tags", "separator": ";"},
]
FILES, ROWS = 5, 20_000


def people(wave: int, rows: int) -> str:
    """A file of `rows` lines; half of its people are in the file before it too, with other values.

    Some lines are blank, have no address, repeat one, bring back who opted out, or claim another's external ID.
    """
    numbers = list(range(wave * rows // 2, wave * rows // 2 + rows))
    random.Random(wave).shuffle(numbers)
    lines = [_person(wave, number) for number in numbers]
    return "\n".join(["email,id,first name,city,age,subscribed,tags", *lines, ""])


def _person(wave: int, number: int) -> str:
    if number % 97 == 0:
        return ""
    name = "nobody" if number % 89 == wave else f"person{number - (number % 83 == 0)}@example.com"
    key = f"p{number + (number % 79 == wave)}"
    subscribed = "" if number % 10 else ("no", "yes")[wave % 2]
    city, age = f"City {(number + wave) % 50}", number % 90 + wave % 2
    return f"{name},{key},Name {number},{city},{age},{subscribed},Wave {wave};Team {number % 7}"


def reread(job: ImportJob) -> ImportJob:
    return ImportJob.unscoped.get(pk=job.pk)


def is_live(job: ImportJob) -> bool:
    return reread(job).status in ImportJob.LIVE_STATUSES


def share_done(job: ImportJob, rows: int) -> float:
    """How far the check or the run is, from 0 to 1; 1 where it has ended."""
    row = reread(job)
    if row.status not in ImportJob.LIVE_STATUSES:
        return 1.0
    first_half = {"clear": 0, "read": row.cursor, "compare": rows + row.cursor, "repeats": 2 * rows}
    is_check = row.status == ImportStatus.VALIDATING
    return first_half[row.phase] / (2 * rows) if is_check else row.cursor / rows


def let_leases_run_out() -> None:
    """Instead of waiting for a minute, and then the sweep that restarts what is left."""
    past = timezone.now() - timedelta(seconds=1)
    rows = ImportJob.unscoped.filter(status__in=ImportJob.LIVE_STATUSES)
    rows.update(lease_expires_at=past)
    leases_sweep()


class Crashes:
    """Kills whoever works on an import, at random moments, and counts how often it was at work."""

    def __init__(self, nursery: Nursery, seed: int) -> None:
        self.nursery = nursery
        self.pick = random.Random(seed)
        self.worker = nursery.start_worker()
        self.moments: Counter[str] = Counter()

    def to_the_end(self, job: ImportJob, *, rows: int, crashes: int) -> None:
        """Bring a check or a run to its end, through crashes on the way."""
        for goal in sorted(self.pick.uniform(0.0, 0.85) for _ in range(crashes)):
            await_(lambda goal=goal: share_done(job, rows) >= goal, "progress")
            moment = time.monotonic() + self.pick.uniform(0.0, 0.15)
            await_(lambda moment=moment: time.monotonic() >= moment, "the moment")
            self._crash(job)
        await_(lambda: not is_live(job), f"the end of {reread(job)}", self.nursery.output)

    def _crash(self, job: ImportJob) -> None:
        is_at_work = bool(self.worker.horses())
        row = reread(job)
        self.worker.kill()
        if is_at_work and row.status in ImportJob.LIVE_STATUSES:
            self.moments[f"{row.status} {row.phase}"] += 1
        self.worker = self.nursery.start_worker()
        let_leases_run_out()


@pytest.fixture(scope="module")
def nursery(django_db_setup: None) -> Iterator[Nursery]:
    with running_nursery("imports") as nursery:
        yield nursery


@pytest.fixture
def worker(nursery: Nursery) -> Iterator[Any]:
    """A worker for one test."""
    worker = nursery.start_worker()
    yield worker
    worker.kill()


def run_in_process(job: ImportJob) -> ImportJob:
    while is_live(job):
        run_import(organization_id=job.organization_id, import_id=job.pk)
    return reread(job)


def import_undisturbed(organization: Organization, text: str, name: str) -> ImportJob:
    """By the worker, which nobody kills meanwhile; in larger batches, which must make no difference."""
    job = make_import(organization, text, name=name, columns=COLUMNS, batch_size=5000)
    with organization_scope(organization):
        import_validate(job=job)
        await_(lambda: not is_live(job), "the check")
        import_start(job=reread(job), actor=SCREEN)
        await_(lambda: not is_live(job), "the run")
    return reread(job)


def import_through_crashes(
    crashes: Crashes, organization: Organization, text: str, name: str
) -> ImportJob:
    job = make_import(organization, text, name=name, columns=COLUMNS)
    with organization_scope(organization):
        import_validate(job=job)
        crashes.to_the_end(job, rows=ROWS, crashes=2)
        import_start(job=reread(job), actor=SCREEN)
        crashes.to_the_end(job, rows=ROWS, crashes=3)
    return reread(job)


def test_kill_9_at_random_moments(nursery: Nursery) -> None:
    """100,000 rows, 20 kills and more of a worker and its work-horse: the same final rows."""
    calm, stormy = make_organization(name="Calm"), make_organization(name="Stormy")
    crashes, buckets = Crashes(nursery, seed=20261122), set()
    for wave in range(FILES):
        text, name = people(wave, ROWS), f"wave-{wave}.csv"
        expected = import_undisturbed(calm, text, name)
        job = import_through_crashes(crashes, stormy, text, name)
        assert job.status == expected.status == ImportStatus.PARTIALLY_COMPLETED, job.error
        assert job.counts == expected.counts
        assert sum(job.counts.values()) == job.total_records == ROWS
        assert job.current_batch == ROWS / job.batch_size
        buckets |= set(job.counts)
    crashes.worker.kill()
    assert crashes.moments.total() >= 20, crashes.moments
    assert {"validating read", "running write"} <= set(crashes.moments)
    assert buckets == set(Outcome.values) - {Outcome.UNCHANGED}
    assert final_rows(stormy) == final_rows(calm)


SMALL = 600


def small_import(organization: Organization) -> ImportJob:
    return make_import(organization, people(1, SMALL), columns=COLUMNS, batch_size=100)


@pytest.fixture
def expected_rows() -> dict[str, Any]:
    """What the small file leaves behind when nothing goes wrong."""
    organization = make_organization(name="Calm")
    imported(small_import(organization))
    redis_connection().flushdb()
    return final_rows(organization)


def queued() -> int:
    return len(django_rq.get_queue("imports"))


@pytest.mark.parametrize("step", ["validate", "start"])
def test_crash_between_commit_and_queue(
    step: str, run_jobs: Callable[[], int], expected_rows: dict[str, Any]
) -> None:
    organization = make_organization()
    job = small_import(organization)
    with organization_scope(organization):
        if step == "start":
            job = checked(job)
            redis_connection().flushdb()
        with transaction.atomic():
            import_validate(job=job) if step == "validate" else import_start(job=job, actor=SCREEN)
            # As if the process had died right after the commit.
            connection.run_on_commit.clear()
        assert is_live(job)
        assert queued() == 0
        leases_sweep()
        assert queued() == 0, "its time in the queue has not run out"
        let_leases_run_out()
        assert queued() == 1
        run_jobs()
        if step == "validate":
            import_start(job=reread(job), actor=SCREEN)
            run_jobs()
    redis_connection().flushdb()
    assert reread(job).status == ImportStatus.PARTIALLY_COMPLETED
    found = final_rows(organization)
    assert found["records"] == expected_rows["records"]
    assert found["imports"] == expected_rows["imports"]
    assert found["history"] == expected_rows["history"]


def test_redis_flushed_while_waiting(
    run_jobs: Callable[[], int], expected_rows: dict[str, Any]
) -> None:
    organization = make_organization()
    job = small_import(organization)
    with organization_scope(organization):
        for step in (import_validate, lambda job: import_start(job=job, actor=SCREEN)):
            step(job=reread(job))
            redis_connection().flushdb()
            assert run_jobs() == 0
            let_leases_run_out()
            assert run_jobs() >= 1
    assert reread(job).status == ImportStatus.PARTIALLY_COMPLETED
    assert final_rows(organization)["contacts"] == expected_rows["contacts"]


def test_redis_flushed_under_a_running_worker(worker: Any, nursery: Nursery) -> None:
    """The worker at work needs no Redis; what comes after it is found by the sweep."""
    organization = make_organization()
    job = make_import(organization, people(1, 3000), columns=COLUMNS, batch_size=100)
    with organization_scope(organization):
        import_validate(job=job)
        await_(lambda: not is_live(job), "the check")
        import_start(job=reread(job), actor=SCREEN)
        await_(lambda: reread(job).cursor >= 500, "the first batches")
        redis_connection().flushdb()
        await_(lambda: not is_live(job), "the end", nursery.output)
    assert reread(job).processed_records == 3000
    assert sum(reread(job).counts.values()) == 3000
    assert_consistent(reread(job))


def test_only_the_worker_dies(worker: Any, nursery: Nursery) -> None:
    """Its work-horse lives on beside the one that takes over: what it does then is thrown away."""
    organization = make_organization()
    job = make_import(organization, people(1, 3000), columns=COLUMNS, batch_size=100)
    with organization_scope(organization):
        import_validate(job=job)
        await_(lambda: not is_live(job), "the check")
        import_start(job=reread(job), actor=SCREEN)
        await_(lambda: reread(job).cursor >= 300, "the first batches")
        orphans = worker.horses()
        worker.process.kill()
        successor = nursery.start_worker()
        try:
            let_leases_run_out()
            await_(lambda: not is_live(job), "the end", nursery.output)
        finally:
            for orphan in orphans:
                await_(lambda orphan=orphan: not lives(orphan), "the orphan's end")
            successor.kill()
    assert_consistent(reread(job))


def assert_consistent(job: ImportJob) -> None:
    """The figures are the rows."""
    with organization_scope(job.organization_id):
        outcomes = Counter(ImportRecord.objects.values_list("outcome", flat=True))
        kinds = Counter(ContactHistory.objects.values_list("change_type", flat=True))
        assert job.counts == dict(outcomes)
        assert kinds["created"] == outcomes["created"] == Contact.objects.count()


# Two runners on one import.


class Runner(Other):
    """A runner with a lease."""

    def __init__(self, job: ImportJob) -> None:
        self.job = reread(job)
        self.lease: Lease | None = lease_take(work=self.job)
        super().__init__(self.job.organization, self._work)

    def _work(self) -> Any:
        return RUNNERS[ImportStatus(self.job.status)](self.job, lease=self.lease)


def take_over(job: ImportJob) -> Runner:
    """A second runner, whose lease begins where that of the first has run out."""
    past = timezone.now() - timedelta(seconds=1)
    ImportJob.unscoped.filter(pk=job.pk).update(lease_expires_at=past)
    runner = Runner(job)
    assert runner.lease is not None
    return runner


def test_lease_lost_in_the_middle_of_a_batch(expected_rows: dict[str, Any]) -> None:
    organization = make_organization()
    job = checked(small_import(organization))
    with organization_scope(organization):
        import_start(job=job, actor=SCREEN)
        lock = "select pg_advisory_xact_lock(%s, %s)"
        with blocked(lock, int(LockSpace.CONTACTS), organization.pk):
            first = Runner(job)
            first.start()
            await_(waiting_for("advisory"), "the first runner to be in its transaction")
            second = take_over(job)
        assert isinstance(first.ended(), LeaseLost)
        row = reread(job)
        assert (row.phase, row.cursor, row.counts, row.current_batch) == ("prepare", 0, {}, 0)
        assert ContactHistory.objects.count() == Contact.objects.count() == 0
        second.start()
        assert second.ended() is True
    assert final_rows(organization) == expected_rows


def test_lease_lost_while_lines_are_read(expected_rows: dict[str, Any]) -> None:
    organization = make_organization()
    job = small_import(organization)
    with organization_scope(organization):
        import_validate(job=job)
        with blocked("lock table import_records in exclusive mode"):
            first = Runner(job)
            first.start()
            await_(waiting_for("relation"), "the first runner to be in its transaction")
            second = take_over(job)
        assert isinstance(first.ended(), LeaseLost)
        assert ImportRecord.objects.count() == 0
        second.start()
        assert second.ended() is True
        import_start(job=reread(job), actor=SCREEN)
        run_in_process(job)
    assert final_rows(organization) == expected_rows


def test_one_lease_at_a_time(organization: Organization) -> None:
    job = checked(small_import(organization))
    import_start(job=job, actor=SCREEN)
    first, second = lease_take(work=job), lease_take(work=job)
    assert first is not None
    assert second is None


def test_work_that_never_gets_anywhere_is_given_up(organization: Organization) -> None:
    """Five attempts without a step forward; then a message, and a way on."""
    job = checked(small_import(organization))
    import_start(job=job, actor=SCREEN)
    for _ in range(5):
        assert lease_take(work=job) is not None
        past = timezone.now() - timedelta(seconds=1)
        ImportJob.objects.filter(pk=job.pk).update(lease_expires_at=past)
    assert lease_take(work=job) is None
    assert reread(job).status == ImportStatus.FAILED
    leases_sweep()
    assert reread(job).status == ImportStatus.FAILED
