import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.models import ContactOperation
from imports.models import ImportJob
from imports.selectors.progress import Progress, import_progress
from organizations.services.leases import LEASE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def job(**fields: Any) -> ImportJob:
    values = {
        "organization_id": 1,
        "operation_id": 1,
        "status": "running",
        "total_records": 10_000,
        "run_started_at": NOW - timedelta(seconds=10),
        "claim_token": uuid.uuid4(),
        "lease_expires_at": NOW + LEASE,
    }
    return ImportJob(**values | fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Progress(0, None, None)),
        ({"processed_records": 2000, "current_batch": 2}, Progress(20, 200.0, None)),
        ({"processed_records": 4000, "current_batch": 4}, Progress(40, 400.0, 15)),
        # So slow, by a long pause, that its rate is none: nobody can tell when it ends.
        (
            {
                "processed_records": 1,
                "current_batch": 4,
                "run_started_at": NOW - timedelta(days=1),
            },
            Progress(0, 0.0, None),
        ),
        (
            {"processed_records": 4000, "current_batch": 4, "status": "paused"},
            Progress(40, 400.0, None),
        ),
        (
            {
                "processed_records": 10_000,
                "current_batch": 10,
                "status": "completed",
                "finished_at": NOW - timedelta(seconds=5),
            },
            Progress(100, 2000.0, None),
        ),
        (
            {"total_records": 0, "status": "completed", "run_started_at": None},
            Progress(100, None, None),
        ),
        (
            {"status": "draft", "operation_id": None, "run_started_at": None},
            Progress(None, None, None),
        ),
        (
            {"status": "validating", "operation_id": None, "run_started_at": None},
            Progress(None, None, None),
        ),
        (
            {
                "status": "validating",
                "operation_id": None,
                "run_started_at": None,
                "progress_done": 1,
                "progress_total": 3,
            },
            Progress(33, None, None),
        ),
    ],
)
def test_progress(fields: dict[str, Any], expected: Progress) -> None:
    assert import_progress(job(**fields), now=NOW) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"claim_token": None},
        {"lease_expires_at": NOW + LEASE - timedelta(seconds=21)},
        {"lease_expires_at": NOW - timedelta(seconds=1)},
        {"error": "The database went away."},
    ],
)
def test_nothing_is_forecast_while_nobody_works(fields: dict[str, Any]) -> None:
    running = {"processed_records": 4000, "current_batch": 4}
    assert import_progress(job(**running | fields), now=NOW) == Progress(40, None, None)


def test_of_an_undo_it_is_that_of_the_undo() -> None:
    undoing = job(status="undoing", processed_records=10_000)
    undo = ContactOperation(organization_id=1, progress_done=2000, progress_total=8000)
    assert import_progress(undoing, undo=undo, now=NOW).percent == 25
    assert import_progress(undoing, now=NOW).percent is None
