"""Whether somebody is at work on leased work, for who waits for it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from organizations.services.leases import LEASE

# Steps take a second or so; whoever is silent for longer than this may have died.
USUAL = timedelta(seconds=20)


def work_waiting(work: Any, *, now: datetime | None = None) -> str:
    """Why nothing seems to happen with live work, or an empty string. No query."""
    if work.status not in work.LIVE_STATUSES:
        return ""
    if work.error:
        return "The last attempt stopped; it goes on from where it was in a moment."
    if work.claim_token is None:
        return "Waiting for a worker."
    now, expires = now or timezone.now(), work.lease_expires_at
    if expires is None or expires < now:
        return "The worker has gone. Another takes over within a minute, from where it was."
    if expires - LEASE + USUAL < now:
        return "Waiting for a worker: nothing has moved for a while. If it has gone, another takes over within a minute."
    return ""
