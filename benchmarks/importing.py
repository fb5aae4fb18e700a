"""Imports: Kith's through a real worker, django-import-export's, and the floor that PostgreSQL sets."""

import csv
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from django.core.files import File
from django.db import connection
from import_export import fields, resources
from tablib import Dataset

from benchmarks.databases import refill, url_of
from benchmarks.machine import machine
from benchmarks.people import (
    HEADER,
    MAPPING,
    change_people,
    write_people,
    write_workbook,
)
from benchmarks.worker import running_worker
from contacts.actors import Actor
from contacts.models import Contact, ContactOperation, Door, OperationKind
from imports.models import ImportJob, ImportStatus
from imports.services.control import import_start, import_validate
from imports.services.uploads import import_create, import_map
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from organizations.services.organizations import organization_create

DATABASE = "kith_bench"
SQL = Path(__file__).parent / "sql"
PEER_ROWS, BOOK_ROWS = 20_000, 100_000
ACTOR = Actor(door=Door.COMMAND)


def run(rows: int) -> dict[str, Any]:
    """Measure all contenders one after the other, each in a fresh database, and check that they did the same."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_people(path, rows)
        floor = _floor(path)
        kith = _kith(path)
        _require_same(floor["fingerprint"], kith["fingerprint"])
        peer_path = Path(folder) / "peer.csv"
        write_people(peer_path, min(rows, PEER_ROWS))
        book_rows = min(rows, BOOK_ROWS)
        write_people(path, book_rows)
        book = _workbook(path)
        peers = {
            "": _import_export(peer_path, ContactResource),
            "_upsert": _import_export(peer_path, UpsertResource),
        }
    kith["book_rows_per_second"] = book_rows / book["seconds"]
    kith["book_upload_rows_per_second"] = book_rows / book["upload_seconds"]
    return _report(rows, floor, kith, peers)


def restart() -> Organization:
    connection.close()
    refill(DATABASE)
    redis_connection().flushdb()
    return organization_create(name="Benchmark", slug="benchmark")


def _kith(path: Path) -> dict[str, Any]:
    """Everybody is new; then everybody exists, and a tenth of them are changed."""
    organization = restart()
    with organization_scope(organization), running_worker("imports") as worker:
        measured = imported(path)
        fingerprint = _fingerprint()
        change_people(path)
        again = imported(path)
    counts = again["job"].counts
    if abs(counts["updated"] - 0.1 * again["job"].total_records) > 1 or len(counts) > 2:
        raise RuntimeError(f"A tenth should have been changed: {counts}")
    return measured | {
        "again_seconds": again["seconds"],
        "peak_mb": worker.peak_kb / 1024,
        "fingerprint": fingerprint,
    }


def _workbook(path: Path) -> dict[str, Any]:
    """The same people as an XLSX file; it is made a table of when it is uploaded."""
    workbook = path.with_suffix(".xlsx")
    write_workbook(path, workbook)
    organization = restart()
    with organization_scope(organization), running_worker("imports"):
        return imported(workbook)


def imported(path: Path) -> dict[str, Any]:
    """Import a file through the worker that runs, in the organization in scope."""
    begin = time.perf_counter()
    with path.open("rb") as file:
        job = import_create(file=File(file, name=path.name), actor=ACTOR)
    await_end(job, ImportStatus.READING)
    uploaded = time.perf_counter()
    job = import_map(job=job, columns=MAPPING)
    import_validate(job=job)
    await_end(job, ImportStatus.VALIDATING)
    checked = time.perf_counter()
    import_start(job=job, actor=ACTOR)
    await_end(job, ImportStatus.RUNNING)
    end = time.perf_counter()
    if job.status != ImportStatus.COMPLETED:
        raise RuntimeError(f"The import is {job.status}: {job.error}")
    job.file.delete(save=False)
    return {
        "job": job,
        "seconds": end - uploaded,
        "upload_seconds": uploaded - begin,
        "check_seconds": checked - uploaded,
        "run_seconds": end - checked,
    }


def await_end(job: ImportJob, status: ImportStatus) -> None:
    job.refresh_from_db()
    while job.status == status:
        time.sleep(0.05)
        job.refresh_from_db()


def _floor(path: Path) -> dict[str, Any]:
    organization = restart()
    with organization_scope(organization):
        operation = ContactOperation.objects.create(kind=OperationKind.IMPORT, source=Door.IMPORT)
        job = ImportJob.objects.create(
            file_name=path.name, file_size=0, checksum="", file=path.name
        )
    params = {
        "organization_id": organization.pk,
        "operation_id": operation.pk,
        "import_job_id": job.pk,
    }
    begin = time.perf_counter()
    with psycopg.connect(
        url_of(DATABASE), autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as pg:
        _stage(pg, path)
        for statement in (SQL / "floor.sql").read_text().split("----\n"):
            pg.execute(statement, params)
        seconds = time.perf_counter() - begin
        pg.execute("drop table staging")
    return {"seconds": seconds, "fingerprint": _fingerprint()}


def _stage(pg: "psycopg.Connection[Any]", path: Path) -> None:
    columns = ", ".join(f"{name} text" for name in HEADER)
    pg.execute(
        f"create unlogged table staging ({columns}, row_number bigint generated always as identity)"
    )
    target = f"copy staging ({', '.join(HEADER)}) from stdin with (format csv, header)"
    with path.open("rb") as file, pg.cursor() as cursor, cursor.copy(target) as copy:
        while block := file.read(1 << 20):
            copy.write(block)


class ContactResource(resources.ModelResource):
    """django-import-export at its fastest: bulk, no diffs, no report, no savepoints.

    It looks nobody up, so it can only create: a person who exists makes a whole batch fail.
    """

    custom_fields = fields.Field(attribute="custom_fields", column_name="custom_fields")

    class Meta:
        model = Contact
        import_id_fields = ("email_key",)
        fields = (
            "email_key",
            "email",
            "first_name",
            "last_name",
            "phone",
            "city",
            "country",
            "custom_fields",
        )
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        skip_html_diff = True
        use_transactions = False
        force_init_instance = True
        clean_model_instances = False

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        dataset.append_col(lambda row: row[0].lower(), header="email_key")

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        row["custom_fields"] = {
            "age": int(row["age"]),
            "joined": row["joined"],
            "plan": row["plan"],
        }

    def before_save_instance(self, instance: Contact, row: Any, **kwargs: Any) -> None:
        instance.created_at = instance.updated_at = kwargs["now"]


class UpsertResource(ContactResource):
    """The same, but it finds who exists and updates them, as an importer of people has to."""

    class Meta(ContactResource.Meta):
        force_init_instance = False


def _import_export(path: Path, resource: type[ContactResource]) -> dict[str, Any]:
    from django.utils import timezone

    organization = restart()
    with organization_scope(organization):
        begin = time.perf_counter()
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            dataset = Dataset(headers=next(reader))
            dataset.extend(reader)
        result = resource().import_data(dataset, raise_errors=True, now=timezone.now())
        seconds = time.perf_counter() - begin
        if result.has_errors() or Contact.objects.count() != len(dataset):
            raise RuntimeError("django-import-export did not import every row.")
    return {"seconds": seconds, "rows": len(dataset)}


def _fingerprint() -> list[tuple[Any, ...]]:
    with psycopg.connect(url_of(DATABASE)) as pg:
        return pg.execute((SQL / "fingerprint.sql").read_text()).fetchall()


def _require_same(floor: list[tuple[Any, ...]], kith: list[tuple[Any, ...]]) -> None:
    for expected, found in zip(floor, kith, strict=True):
        if expected != found:
            raise RuntimeError(
                f"The contenders did not end with the same rows: {expected} and {found}"
            )


def _report(rows: int, floor: Any, kith: Any, peers: dict[str, Any]) -> dict[str, Any]:
    speeds = {
        "Kith: check and run": rows / kith["seconds"],
        "  check alone": rows / kith["check_seconds"],
        "  run alone": rows / kith["run_seconds"],
        "Kith: all exist, a tenth changed": rows / kith["again_seconds"],
        "Kith: XLSX, check and run": kith["book_rows_per_second"],
        "  its upload and conversion alone": kith["book_upload_rows_per_second"],
        "floor: COPY and set-based SQL": rows / floor["seconds"],
        "django-import-export, bulk, creates only": _speed(peers[""]),
        "django-import-export, bulk, upsert": _speed(peers["_upsert"]),
    }
    print(f"Import of {rows:,} rows on {machine()}\n")
    print(f"| {'contender':<40} | {'rows/s':>8} |\n|{'-' * 42}|{'-' * 9}:|")
    for name, speed in speeds.items():
        print(f"| {name:<40} | {speed:>8,.0f} |")
    print(f"\nPeak memory of the worker: {kith['peak_mb']:.0f} MB")
    return {
        "benchmark": "import",
        "rows": rows,
        "rows_per_second": round(rows / kith["seconds"]),
        "seconds": round(kith["seconds"], 2),
        "check_seconds": round(kith["check_seconds"], 2),
        "run_seconds": round(kith["run_seconds"], 2),
        "again_rows_per_second": round(rows / kith["again_seconds"]),
        "xlsx_rows_per_second": round(kith["book_rows_per_second"]),
        "floor_seconds": round(floor["seconds"], 2),
        "peak_mb": round(kith["peak_mb"]),
        "ratio_to_floor": round(floor["seconds"] / kith["seconds"], 3),
    } | {
        f"ratio_to_import_export{name}": round(rows / kith["seconds"] / _speed(peer), 1)
        for name, peer in peers.items()
    }


def _speed(peer: dict[str, Any]) -> float:
    return peer["rows"] / peer["seconds"]
