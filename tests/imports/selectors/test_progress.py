from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imports.models import ImportJob
from imports.selectors.progress import Progress, import_progress

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def job(**fields: Any) -> ImportJob:
    values = {
        "organization_id": 1,
        "operation_id": 1,
        "status": "running",
        "total_records": 10_000,
        "run_started_at": NOW - timedelta(seconds=10),
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
