"""What other people feel of a large import: the contact list of another organization, idle and while it runs."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files import File
from django.test import Client

from benchmarks.importing import ACTOR, await_end, restart
from benchmarks.lists import fill
from benchmarks.machine import machine
from benchmarks.people import MAPPING, write_people
from benchmarks.worker import running_worker
from imports.models import ImportStatus
from imports.services.control import import_start, import_validate
from imports.services.uploads import import_create, import_map
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.organizations import member_add, organization_create

REQUESTS = 200
READERS_CONTACTS = 100_000
ADDRESSES = ("", "?sort=name", "?q=tom", "?q=una+berg")


def run(rows: int) -> dict[str, Any]:
    """Ask for pages of an organization of 100,000 contacts, idle and during the run of another's import of `rows`."""
    importing = restart()
    client = _reader()
    _ask(client, 20)
    idle = _ask(client, REQUESTS)
    with tempfile.TemporaryDirectory() as folder, running_worker("imports"):
        path = Path(folder) / "people.csv"
        write_people(path, rows)
        with organization_scope(importing):
            with path.open("rb") as file:
                job = import_create(file=File(file, name=path.name), actor=ACTOR)
            job = import_map(job=job, columns=MAPPING)
            import_validate(job=job)
            await_end(job, ImportStatus.VALIDATING)
            import_start(job=job, actor=ACTOR)
        busy = _ask(client, REQUESTS)
        with organization_scope(importing):
            job.refresh_from_db()
            if job.status != ImportStatus.RUNNING:
                raise RuntimeError(
                    "The import was over before the requests were: give it more rows."
                )
            await_end(job, ImportStatus.RUNNING)
            job.file.delete(save=False)
    return _report(rows, idle, busy)


def _reader() -> Client:
    organization = organization_create(name="Readers", slug="readers")
    user = get_user_model().objects.create_user("reader@example.com", "benchmark")
    with organization_scope(organization):
        member_add(user=user, role=Role.OWNER)
    fill(organization.pk, READERS_CONTACTS)
    client = Client()
    client.force_login(user)
    return client


def _ask(client: Client, requests: int) -> list[float]:
    times = []
    for number in range(requests):
        begin = time.perf_counter()
        response = client.get(f"/o/readers/contacts/{ADDRESSES[number % len(ADDRESSES)]}")
        times.append(time.perf_counter() - begin)
        if response.status_code != 200:
            raise RuntimeError(f"The list answered {response.status_code}.")
    return times


def _report(rows: int, idle: list[float], busy: list[float]) -> dict[str, Any]:
    print(f"Contact list while another organization imports {rows:,} rows, on {machine()}\n")
    print(f"| {'when':<22} | median ms | p95 ms |\n|{'-' * 24}|{'-' * 10}:|{'-' * 7}:|")
    p95s = []
    for name, times in (("idle", idle), ("while the import runs", busy)):
        p95s.append(statistics.quantiles(times, n=20)[-1])
        median = statistics.median(times)
        print(f"| {name:<22} | {median * 1000:>9.0f} | {p95s[-1] * 1000:>6.0f} |")
    return {
        "benchmark": "others",
        "rows": rows,
        "p95_idle_ms": round(p95s[0] * 1000),
        "p95_busy_ms": round(p95s[1] * 1000),
        "ratio_to_idle": round(p95s[1] / p95s[0], 2),
    }
