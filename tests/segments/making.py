"""Segments for tests, computed and followed in this process."""

from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.rules.world import World
from contacts.services.feed import changes_process
from organizations.locks import LockSpace, lock_organization
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.jobs import run_refresh
from segments.models import Segment, SegmentMembership, SegmentRefresh
from segments.selectors.wanted import wanted
from segments.services.following import time_follow
from segments.services.segments import segment_create

_numbers = count(1)
IN_OSLO = {"type": "attribute", "field": "city", "operator": "equals", "value": "Oslo"}


def make_segment(
    organization: Organization, rules: Any = IN_OSLO, *, name: str = "", kind: str = "dynamic"
) -> Segment:
    """A segment, computed; kept by hand where `kind` says so."""
    with organization_scope(organization):
        segment = segment_create(
            name=name or f"Segment {next(_numbers)}",
            kind=kind,
            rules=rules if kind == "dynamic" else None,
        )
        return computed(segment)


def computed(segment: Segment) -> Segment:
    """The segment after the computations that wait for it."""
    live = SegmentRefresh.objects.filter(segment=segment, status__in=SegmentRefresh.LIVE_STATUSES)
    for refresh in live:
        run_refresh(organization_id=segment.organization_id, refresh_id=refresh.pk)
    segment.refresh_from_db()
    return segment


def follow(organization: Organization) -> None:
    """Have the changes that wait handed to segments."""
    with organization_scope(organization):
        changes_process(organization_id=organization.pk)


def pass_time(organization: Organization) -> int:
    """Have segments follow the passing of time until now; returns how many contacts were asked about."""
    with organization_scope(organization), transaction.atomic():
        lock_organization(LockSpace.CHANGES, organization.pk)
        return time_follow(now=timezone.now())


def members_of(segment: Segment) -> set[int]:
    rows = SegmentMembership.objects.filter(segment=segment)
    return set(rows.values_list("contact_id", flat=True))


def right_members(segment: Segment) -> set[int]:
    """Who would be in it if all of it were computed now, by the members that other segments have."""
    segment.refresh_from_db()
    return set(wanted(segment, World(timezone.now())).values_list("pk", flat=True))
