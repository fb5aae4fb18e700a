"""An organization with many contacts, five events and two tags each, and fifty segments, for benchmarks."""

from pathlib import Path

import psycopg
from django.db import connection
from django.utils import timezone

from benchmarks.databases import refill, url_of
from benchmarks.segment_rules import other_segments, typical_segments
from contacts.models import Contact, SlotJob
from contacts.services.custom_fields import NewField, custom_fields_ensure
from contacts.services.engagement import engagement_rebuild
from contacts.services.slots import slot_give, slot_job_run
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from organizations.services.leases import lease_take
from organizations.services.organizations import organization_create
from segments.jobs import run_refresh
from segments.models import Segment, SegmentRefresh

DATABASE = "kith_bench"
SQL = Path(__file__).parent / "sql"
FIELDS = [NewField("age", "number"), NewField("plan", "text"), NewField("born", "date")]
STEP = 100_000


def filled(rows: int) -> Organization:
    """A fresh database with one organization of `rows` contacts, 5 × `rows` events and 2 × `rows` tags."""
    connection.close()
    refill(DATABASE)
    redis_connection().flushdb()
    organization = organization_create(name="Benchmark", slug="benchmark")
    with organization_scope(organization):
        _fields()
        _fill(organization.pk, rows)
        engagement_rebuild()
    with writing() as pg:
        pg.execute("truncate contact_changes")
        pg.execute("vacuum analyze")
    return organization


def writing() -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of its own to the benchmark's database."""
    return psycopg.connect(url_of(DATABASE), autocommit=True)


def _fields() -> None:
    """Three custom fields, of which two are indexed."""
    age, _, born = custom_fields_ensure(fields=FIELDS)
    for definition in (age, born):
        slot_give(definition=definition)
        job = SlotJob.objects.get(definition=definition)
        lease = lease_take(work=job)
        if lease is None or not slot_job_run(job, lease=lease):
            raise RuntimeError("The slot was not filled.")


def _fill(organization_id: int, rows: int) -> None:
    params = {"organization_id": organization_id, "rows": rows, "now": timezone.now()}
    with writing() as pg:
        # Keys are right by the way they are made; to check each of them takes longer than to write them.
        pg.execute("set session_replication_role = replica")
        pg.execute("select setseed(0.5)")
        _in_steps(pg, "segment_contacts", rows, params)
        pg.execute((SQL / "segment_tags.sql").read_text(), params)
        least = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
        _in_steps(pg, "segment_events", 5 * rows, params | {"least": least})


def _in_steps(
    pg: "psycopg.Connection[tuple[object, ...]]", name: str, rows: int, params: dict[str, object]
) -> None:
    statement = (SQL / f"{name}.sql").read_text()
    for first in range(0, rows, STEP):
        last = min(first + STEP, rows) - 1
        pg.execute(statement, params | {"first": first, "last": last})


def segmented() -> list[Segment]:
    """Fifty segments, computed, the five typical ones first."""
    typical = typical_segments()
    segments = typical + other_segments(typical)
    for segment in segments:
        compute(segment)
    with writing() as pg:
        pg.execute("vacuum analyze contact_segment_memberships, contact_segment_membership_log")
    return segments


def compute(segment: Segment) -> SegmentRefresh:
    """Run the computation that waits for a segment."""
    refresh = SegmentRefresh.objects.get(segment=segment, status="pending")
    run_refresh(organization_id=segment.organization_id, refresh_id=refresh.pk)
    refresh.refresh_from_db()
    if refresh.status != "done":
        raise RuntimeError(f"{segment} was not computed: {refresh.status} {refresh.error}")
    return refresh
