"""What is said while nothing seems to happen."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.models import ContactOperation
from organizations.selectors.waiting import work_waiting
from organizations.services.leases import LEASE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ""),
        ({"lease_expires_at": NOW + LEASE - timedelta(seconds=19)}, ""),
        ({"lease_expires_at": NOW + LEASE - timedelta(seconds=21)}, "nothing has moved"),
        ({"lease_expires_at": NOW - timedelta(seconds=1)}, "The worker has gone"),
        ({"claim_token": None}, "Waiting for a worker."),
        ({"error": "OSError"}, "The last attempt stopped"),
        ({"status": "done", "claim_token": None}, ""),
    ],
)
def test_waiting(fields: dict[str, Any], said: str) -> None:
    usual = {
        "organization_id": 1,
        "status": "running",
        "claim_token": uuid.uuid4(),
        "lease_expires_at": NOW + LEASE,
    }
    waiting = work_waiting(ContactOperation(**usual | fields), now=NOW)
    assert said in waiting
    assert bool(said) == bool(waiting)
