"""Old imports: their records move to the archive and end there, their files go, and everything stays readable."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from imports.jobs import retention_sweep, run_import, run_retention
from imports.models import ImportJob, ImportRecord, ImportRecordArchive, ImportStatus, KeptRecord
from imports.selectors.counting import outcome_counts
from imports.selectors.error_groups import error_groups
from imports.selectors.imported import from_import
from imports.selectors.record_list import record_list
from imports.selectors.retention import organizations_over_retention
from imports.services.control import import_cancel, import_start, import_undo
from imports.services.error_file import error_file_lines
from imports.services.retention import (
    archive_purge,
    files_remove,
    records_archive,
    retention_run,
)
from organizations.keyset import Order, keyset_page
from organizations.locks import LockSpace, lock_organization
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import SCREEN, checked, imported, make_import, make_organization
from tests.imports.reading.workbook_files import table_xml, write_xlsx
from tests.screens import Screens

HEADER = "email,first name\n"
FILE = HEADER + "".join(f"p{n}@example.org,P{n}\n" for n in range(8)) + "bad,Bob\nworse,Cy\n"
ROWS = 10


def aged(job: ImportJob, days: float = 91, **values: Any) -> ImportJob:
    """The import, as if it had ended some days ago."""
    ended = timezone.now() - timedelta(days=days)
    values = {"finished_at": ended, "created_at": ended} | values
    ImportJob.unscoped.filter(pk=job.pk).update(**values)  # type: ignore[attr-defined]
    job.refresh_from_db()
    return job


def over(organization: Organization, days: float = 91, text: str = FILE) -> ImportJob:
    return aged(imported(make_import(organization, text)), days)


def archived(job: ImportJob, days: float = 0) -> ImportJob:
    """The import, its records in the archive for some days."""
    assert retention_run()
    moved = timezone.now() - timedelta(days=days)
    ImportJob.objects.filter(pk=job.pk).update(records_archived_at=moved)
    job.refresh_from_db()
    return job


def places(job: ImportJob) -> tuple[int, int]:
    """How many records are in the table, and how many in the archive."""
    tables = (ImportRecord, ImportRecordArchive)
    here, there = (table.objects.filter(import_job=job).count() for table in tables)
    return here, there


def lines(job: ImportJob) -> list[dict[str, Any]]:
    names = [field.name for field in KeptRecord._meta.fields if field.name != "archived_at"]
    return list(record_list(job=job).order_by("row_number").values(*names))


def steps(step: Callable[..., bool], **options: Any) -> int:
    """Repeat a step until it finds nothing to do; returns how often it did something."""
    count = 0
    while step(**options):
        count += 1
    return count


# The move


def test_records_move_in_batches_and_stay_what_they_are(organization: Organization) -> None:
    job = over(organization)
    before = lines(job)
    seen = []
    while records_archive(size=4):
        seen.append(places(job))
        assert lines(job) == before
    assert seen == [(6, 4), (2, 8), (0, 10), (0, 10)]
    job.refresh_from_db()
    assert job.records_archived_at is not None
    assert not ImportRecordArchive.objects.filter(archived_at=None).exists()


def test_a_batch_that_dies_leaves_nothing_behind_and_the_next_goes_on(
    organization: Organization,
) -> None:
    job = over(organization)
    before = lines(job)
    records_archive(size=4)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        records_archive(size=4)
        raise KeyboardInterrupt
    assert places(job) == (6, 4)
    assert retention_run()
    assert places(job) == (0, ROWS)
    assert lines(job) == before
    assert retention_run()
    assert lines(job) == before


def test_numbers_with_gaps_move_too(organization: Organization) -> None:
    job = over(organization)
    ImportRecord.objects.filter(row_number__range=(2, 9)).delete()
    assert steps(records_archive, size=3) == 3
    assert places(job) == (0, 2)


def test_an_import_without_lines_is_marked_as_well(organization: Organization) -> None:
    job = make_import(organization, HEADER + "a@example.org,A\n")
    aged(import_cancel(job=job))
    assert retention_run()
    job.refresh_from_db()
    assert None not in (job.records_archived_at, job.file_deleted_at)
    assert not retention_due(organization)


def retention_due(organization: Organization) -> bool:
    return organization.pk in organizations_over_retention()


def test_the_organization_says_when(organization: Organization) -> None:
    job = over(organization, days=89)
    assert not retention_due(organization)
    assert not records_archive()
    assert not files_remove()
    Organization.objects.filter(pk=organization.pk).update(import_retention_days=88)
    assert retention_due(organization)
    assert retention_run()
    assert places(job) == (0, ROWS)


def test_age_counts_from_the_end_else_from_the_upload(organization: Organization) -> None:
    job = over(organization, days=10)
    aged(job, days=10, created_at=timezone.now() - timedelta(days=200))
    assert not records_archive()
    aged(job, days=91, finished_at=None)
    assert records_archive()


@pytest.mark.parametrize(
    "status", sorted(set(ImportStatus) - set(ImportJob.SETTLED_STATUSES)), ids=str
)
def test_what_could_go_on_is_left_alone(organization: Organization, status: str) -> None:
    job = aged(imported(make_import(organization, FILE)), days=4000, status=status)
    assert not retention_due(organization)
    assert retention_run()
    assert places(job) == (ROWS, 0)
    assert default_storage.exists(str(job.file.name))


def test_a_checked_import_can_be_started_after_years(organization: Organization) -> None:
    job = aged(checked(make_import(organization, FILE)), days=4000)
    assert retention_run()
    import_start(job=job, actor=SCREEN)
    run_import(organization_id=organization.pk, import_id=job.pk)
    job.refresh_from_db()
    assert job.counts == {"created": 8, "failed": 2}


# The end of the archive


def test_the_archive_has_a_retention_of_its_own(organization: Organization) -> None:
    job = archived(over(organization), days=364)
    assert not archive_purge()
    archived(job, days=366)
    assert retention_due(organization)
    seen = []
    while archive_purge(size=4):
        seen.append(places(job)[1])
    assert seen == [6, 2, 0, 0]
    job.refresh_from_db()
    assert job.records_deleted_at is not None
    assert job.counts == {"created": 8, "failed": 2}
    assert not retention_due(organization)


def test_a_purge_that_dies_goes_on(organization: Organization) -> None:
    job = archived(over(organization), days=366)
    archive_purge(size=4)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        archive_purge(size=4)
        raise KeyboardInterrupt
    assert places(job) == (0, 6)
    assert retention_run()
    assert places(job) == (0, 0)
    assert not archive_purge()


# Files


def test_stored_files_are_removed_and_the_row_stays(
    organization: Organization, tmp_path: Path
) -> None:
    table = table_xml([["email", "first name"], ["ana@example.org", "Ana"]])
    book = write_xlsx(tmp_path / "people.xlsx", {"People": table}).read_bytes()
    job = imported(make_import(organization, book, name="people.xlsx"))
    names = [str(job.file.name), str(job.converted.name)]
    assert all(map(default_storage.exists, names))
    aged(job)
    assert files_remove()
    assert not files_remove()
    assert not any(map(default_storage.exists, names))
    job.refresh_from_db()
    assert (job.file_name, job.file.name, job.converted.name) == ("people.xlsx", "", "")
    assert job.file_deleted_at is not None


def test_a_file_that_went_before_it_was_written_down_is_no_error(
    organization: Organization,
) -> None:
    job = over(organization)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        files_remove()
        raise KeyboardInterrupt
    job.refresh_from_db()
    assert job.file_deleted_at is None
    assert not default_storage.exists(str(job.file.name))
    assert files_remove()
    job.refresh_from_db()
    assert job.file_deleted_at is not None


def test_a_file_that_cannot_be_removed_does_not_hold_up_others(
    organization: Organization,
) -> None:
    stuck, other = over(organization), over(organization, text=HEADER + "z@example.org,Z\n")
    path = Path(stuck.file.path)
    path.unlink()
    path.mkdir()
    (path / "in the way").touch()
    assert files_remove()
    assert not files_remove()
    stuck.refresh_from_db()
    other.refresh_from_db()
    assert (stuck.file_deleted_at, bool(stuck.file.name)) == (None, True)
    assert other.file_deleted_at is not None


# What reads records


def test_reports_are_the_same_before_during_and_after(organization: Organization) -> None:
    job = over(organization)

    def report() -> list[Any]:
        created = from_import(Contact.objects.all(), f"{job.pk}:created")
        return [
            lines(job),
            sorted(record.row_number for record in record_list(job=job, outcome="failed")),
            error_groups(job=job),
            "".join(error_file_lines(job=job)),
            outcome_counts(job=job, column="outcome"),
            sorted(created.values_list("pk", flat=True)),
            from_import(Contact.objects.all(), str(job.pk)).count(),
        ]

    before = report()
    assert len(before[5]) == before[6] == 8
    while records_archive(size=3):
        assert report() == before


def test_pages_of_lines_run_on_over_both_tables(organization: Organization) -> None:
    job = over(organization)
    records_archive(size=4)
    order, cursor, found = Order("row_number", tie="row_number"), None, []
    while True:
        page = keyset_page(record_list(job=job), order=order, cursor=cursor, size=3)
        found += [record.row_number for record in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert found == list(range(1, ROWS + 1))


def test_an_archived_import_can_be_undone(
    organization: Organization, run_jobs: Callable[[], int]
) -> None:
    job = over(organization)
    run_jobs()
    assert Contact.objects.count() == 8
    assert retention_run()
    import_undo(job=job, actor=SCREEN)
    run_jobs()
    job.refresh_from_db()
    assert job.status == ImportStatus.UNDONE
    assert Contact.objects.count() == 0
    assert len(lines(job)) == ROWS


def test_an_undone_import_is_archived_too(
    organization: Organization, run_jobs: Callable[[], int]
) -> None:
    job = over(organization)
    import_undo(job=job, actor=SCREEN)
    assert retention_run()
    assert places(job) == (ROWS, 0)
    run_jobs()
    assert retention_run()
    assert places(job) == (0, ROWS)


def test_an_archive_that_grew_has_statistics(organization: Organization) -> None:
    """Without them, a filter by import may read the whole of an import for each contact."""
    over(organization)
    assert retention_run()
    with connection.cursor() as cursor:
        cursor.execute("select attname from pg_stats where tablename = 'import_records_archive'")
        assert {"import_job_id", "contact_id"} <= {name for (name,) in cursor.fetchall()}


def test_deleting_an_import_takes_its_archive(organization: Organization) -> None:
    job = over(organization)
    records_archive(size=4)
    ImportJob.objects.filter(pk=job.pk).delete()
    assert not KeptRecord.objects.exists()


def test_reading_costs_one_range_of_each_table(organization: Organization) -> None:
    """With many imports around, the planner merges two index scans: neither table is read whole nor sorted."""
    job = over(organization)
    assert retention_run()
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        plan = record_list(job=job).order_by("row_number")[:50].explain()
    assert "Merge Append" in plan
    assert plan.count("Index Scan") == 2
    assert "Sort Method" not in plan
    assert "Sort  (" not in plan


# The page and the API


def test_the_page_says_what_is_gone(organization: Organization) -> None:
    job = over(organization)
    screens = Screens(organization)
    path = f"imports/{job.pk}/"
    assert "file is gone" not in screens.get(path).content.decode()
    archived(job)
    page = screens.get(path).content.decode()
    assert "file is gone" in page
    assert "in the archive" in page
    assert "p0@example.org" in page
    assert f'href="{screens.address(path)}errors.csv"' in page
    assert "bad" in screens.get(path, {"outcome": "failed"}).content.decode()
    archived(job, days=366)
    assert retention_run()
    page = screens.get(path).content.decode()
    assert "Its lines are gone" in page
    assert "p0@example.org" not in page
    assert 'id="import-undo"' in page
    assert "errors.csv" not in page


def test_an_archived_import_costs_the_same_queries(organization: Organization) -> None:
    job = over(organization)
    screens = Screens(organization)
    path = f"imports/{job.pk}/"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert screens.get(path).status_code == 200
        return len(captured)

    screens.get(path)
    before = queries()
    records_archive(size=4)
    assert queries() == before
    assert retention_run()
    assert queries() == before


# Whose, and when


def test_another_organizations_records_stay(organization: Organization) -> None:
    other = make_organization()
    Organization.objects.filter(pk=other.pk).update(import_retention_days=100)
    ours = over(organization)
    with organization_scope(other):
        theirs = over(other)
    assert retention_run()
    assert places(ours) == (0, ROWS)
    with organization_scope(other):
        assert places(theirs) == (ROWS, 0)
        assert default_storage.exists(str(theirs.file.name))
        assert not record_list(job=ours).exists()
        assert KeptRecord.objects.count() == ROWS


def test_the_sweep_queues_who_is_over_and_no_others(
    organization: Organization, run_jobs: Callable[[], int]
) -> None:
    other = make_organization()
    with organization_scope(other):
        theirs = over(other)
    over(organization, days=1)
    run_jobs()
    assert retention_sweep() == 1
    assert run_jobs() == 1
    with organization_scope(other):
        assert places(theirs) == (0, ROWS)
    assert retention_sweep() == 0


def test_what_does_not_fit_into_a_slice_is_queued_again(
    organization: Organization, run_jobs: Callable[[], int]
) -> None:
    job = over(organization)
    run_jobs()
    run_retention(organization_id=organization.pk, seconds=0)
    assert retention_due(organization)
    assert run_jobs() == 1
    assert places(job) == (0, ROWS)
    assert not retention_due(organization)


@contextmanager
def elsewhere() -> Iterator[None]:
    """Statements of the block run on a connection of their own, in a transaction that lasts as long."""
    own = connections["default"]
    connections["default"] = other = own.copy()
    try:
        with transaction.atomic():
            yield
    finally:
        other.close()
        connections["default"] = own


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_wait_for_each_other() -> None:
    organization = make_organization()
    with organization_scope(organization):
        job = over(organization)
        with transaction.atomic():
            assert records_archive(size=4)
            with elsewhere():
                # The other one goes away at once, as the statement's timeout would show.
                connection.cursor().execute("set local statement_timeout = '30s'")
                assert not records_archive(size=4)
                assert not archive_purge()
                assert not files_remove()
                assert places(job) == (ROWS, 0)
                assert len(lines(job)) == ROWS
        assert places(job) == (6, 4)


@pytest.mark.django_db(transaction=True)
def test_a_move_holds_up_no_reader_and_no_import() -> None:
    organization = make_organization()
    with organization_scope(organization):
        over(organization)
        with transaction.atomic():
            assert records_archive()
            with elsewhere():
                connection.cursor().execute("set local lock_timeout = '30s'")
                imported(make_import(organization, HEADER + "new@example.org,New\n"))
                lock_organization(LockSpace.CONTACTS, organization.pk)


@pytest.mark.django_db
def test_the_archive_and_the_view_have_the_columns_of_the_table() -> None:
    def columns(table: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute a "
                "where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by 1",
                [table],
            )
            return cursor.fetchall()

    known = columns("import_records")
    assert "archived_at" in dict(known)
    assert columns("import_records_archive") == columns("import_records_kept") == known
