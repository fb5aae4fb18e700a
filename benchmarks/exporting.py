"""Exports through a real worker: ten columns, three custom fields and tags; as CSV and as XLSX."""

import time
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from benchmarks.databases import refill, url_of
from benchmarks.machine import machine
from benchmarks.worker import running_worker
from contacts.actors import Actor
from contacts.models import Door
from contacts.services.custom_fields import NewField, custom_fields_ensure
from imports.models import ExportFormat, ExportJob, ExportStatus
from imports.services.export_files import export_files_delete
from imports.services.exporting import export_start
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from organizations.services.organizations import organization_create

DATABASE = "kith_bench"
SQL = Path(__file__).parent / "sql"
COLUMNS = [
    "email", "first_name", "last_name", "phone", "city", "country", "external_id", "is_subscribed", "is_active",
    "kind", "custom:age", "custom:joined", "custom:plan", "tags",
]  # fmt: skip
FIELDS = [NewField("age", "number"), NewField("joined", "date"), NewField("plan", "text")]


def run(rows: int) -> dict[str, Any]:
    """Export `rows` contacts and a tenth of them, in both formats: memory must be the same for both sizes."""
    measured = {
        (format.value, count): _export(format, count)
        for format in ExportFormat
        for count in (rows // 10, rows)
    }
    return _report(rows, measured)


def _export(format: ExportFormat, rows: int) -> dict[str, Any]:
    organization = _filled(rows)
    with organization_scope(organization), running_worker("imports") as worker:
        begin = time.perf_counter()
        job = export_start(
            filters={}, columns=COLUMNS, format=format, actor=Actor(door=Door.COMMAND)
        )
        while job.status == ExportStatus.RUNNING:
            time.sleep(0.05)
            job.refresh_from_db()
        seconds = time.perf_counter() - begin
        # Without the time until a worker took it.
        at_work = (job.finished_at - job.started_at).total_seconds()
    if (job.status, job.progress_done) != (ExportStatus.COMPLETED, rows):
        raise RuntimeError(f"The export is {job.status} with {job.progress_done}: {job.error}")
    return _result(job, rows, seconds, at_work, worker.peak_kb)


def _result(
    job: ExportJob, rows: int, seconds: float, at_work: float, peak_kb: int
) -> dict[str, Any]:
    export_files_delete(job=job)
    return {
        "seconds": seconds,
        "rows_per_second": rows / at_work,
        "megabytes": (job.file_size or 0) / 1e6,
        "peak_mb": peak_kb / 1024,
    }


def _filled(rows: int) -> Organization:
    connection.close()
    refill(DATABASE)
    redis_connection().flushdb()
    organization = organization_create(name="Benchmark", slug="benchmark")
    with organization_scope(organization):
        custom_fields_ensure(fields=FIELDS)
    with psycopg.connect(url_of(DATABASE), autocommit=True) as pg:
        statement = (SQL / "tagged_contacts.sql").read_text()
        pg.execute(statement, {"organization_id": organization.pk, "rows": rows})
        pg.execute("vacuum analyze contacts, contact_tag_assignments, contact_tags")
    return organization


def _report(rows: int, measured: dict[tuple[str, int], dict[str, Any]]) -> dict[str, Any]:
    print(f"Export of {rows:,} contacts on {machine()}\n")
    print("| format |    rows |  rows/s | seconds | file MB | peak MB |")
    print("|--------|--------:|--------:|--------:|--------:|--------:|")
    for (format, count), found in measured.items():
        print(
            f"| {format:<6} | {count:>7,} | {found['rows_per_second']:>7,.0f} | {found['seconds']:>7.1f} "
            f"| {found['megabytes']:>7.1f} | {found['peak_mb']:>7.0f} |"
        )
    csv, xlsx = measured["csv", rows], measured["xlsx", rows]
    return {
        "benchmark": "export",
        "rows": rows,
        "rows_per_second": round(csv["rows_per_second"]),
        "seconds": round(csv["seconds"], 2),
        "peak_mb": round(csv["peak_mb"]),
        "peak_mb_of_a_tenth": round(measured["csv", rows // 10]["peak_mb"]),
        "xlsx_rows_per_second": round(xlsx["rows_per_second"]),
        "xlsx_peak_mb": round(xlsx["peak_mb"]),
    }
