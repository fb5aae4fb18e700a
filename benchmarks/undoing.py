"""An import of many rows, undone through a real worker, beside the speed of the import itself."""

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.importing import ACTOR, await_end, imported, restart
from benchmarks.machine import machine
from benchmarks.people import write_people
from benchmarks.worker import running_worker
from contacts.models import Contact
from imports.models import ImportStatus
from imports.services.control import import_undo
from organizations.scope import organization_scope


def run(rows: int) -> dict[str, Any]:
    """Import `rows` people and take them back; nobody may be left."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_people(path, rows)
        organization = restart()
        with organization_scope(organization), running_worker("imports", "default") as worker:
            measured = imported(path)
            begin = time.perf_counter()
            job = import_undo(job=measured["job"], actor=ACTOR)
            await_end(job, ImportStatus.UNDOING)
            seconds = time.perf_counter() - begin
            if job.status != ImportStatus.UNDONE or Contact.objects.exists():
                raise RuntimeError(f"The import is {job.status}.")
    return _report(rows, measured["seconds"], seconds, worker.peak_kb / 1024)


def _report(rows: int, imported_in: float, undone_in: float, peak_mb: float) -> dict[str, Any]:
    print(f"Undo of an import of {rows:,} rows on {machine()}\n")
    print(f"| {'what':<24} | {'rows/s':>8} |\n|{'-' * 26}|{'-' * 9}:|")
    for name, seconds in (("import: check and run", imported_in), ("its undo", undone_in)):
        print(f"| {name:<24} | {rows / seconds:>8,.0f} |")
    print(f"\nPeak memory of the worker: {peak_mb:.0f} MB")
    return {
        "benchmark": "undo",
        "rows": rows,
        "rows_per_second": round(rows / undone_in),
        "peak_mb": round(peak_mb),
        "ratio_to_import": round(imported_in / undone_in, 2),
    }
