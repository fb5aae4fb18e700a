import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imports.models import ExportJob
from imports.selectors.export_progress import export_progress
from imports.selectors.progress import Progress
from organizations.services.leases import LEASE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"started_at": None}, Progress(None, None, None)),
        ({}, Progress(0, None, None)),
        ({"progress_done": 100}, Progress(1, 10.0, None)),
        ({"progress_done": 4000}, Progress(40, 400.0, 15)),
        # More came in than there were when they were counted.
        ({"progress_done": 11_000}, Progress(100, 1100.0, 0)),
        (
            {"progress_done": 4000, "started_at": NOW - timedelta(days=9999)},
            Progress(40, 0.0, None),
        ),
        (
            {"status": "completed", "progress_total": 0, "finished_at": NOW},
            Progress(100, None, None),
        ),
        (
            {"progress_done": 10_000, "status": "completed", "finished_at": NOW},
            Progress(100, 1000.0, None),
        ),
        (
            {"progress_done": 4000, "status": "cancelled", "finished_at": NOW},
            Progress(40, 400.0, None),
        ),
    ],
)
def test_progress(fields: dict[str, Any], expected: Progress) -> None:
    usual: dict[str, Any] = {
        "organization_id": 1,
        "status": "running",
        "progress_total": 10_000,
        "started_at": NOW - timedelta(seconds=10),
        "claim_token": uuid.uuid4(),
        "lease_expires_at": NOW + LEASE,
    }
    assert export_progress(ExportJob(**usual | fields), now=NOW) == expected
