"""Preview = outcome: whatever the contacts, the file and the choices, each line ends where it was predicted to."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, ContactHistory
from imports.models import ImportJob, ImportRecord
from imports.selectors.preview import full_counts, import_preview
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import (
    checked,
    imported,
    make_contact,
    make_custom_field,
    make_import,
    make_organization,
)

COLUMNS = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "external_id"},
    {"index": 2, "target": "first_name"},
    {"index": 3, "target": "custom:score", "type": "number"},
    {"index": 4, "target": "is_subscribed"},
    {"index": 5, "target": "tags", "separator": "|"},
    {"index": 6, "target": "custom:new", "type": "text"},
]
HEADER = "email,id,name,score,subscribed,tags,new"
NAMES = ("Ana", "Bo", "")
ADDRESSES = ("a@x.org", "b@x.org", "c@x.org", "d@x.org")
KEYS = ("1", "2", "3", "4")
TAGS = ("", "VIP", "vip|Friend", "Friend|New")

rows = st.tuples(
    st.sampled_from((*ADDRESSES, "A@X.org", "", "nobody")),
    st.sampled_from((*KEYS, "")),
    st.sampled_from(NAMES),
    st.sampled_from(("", "1", "1.0", "2", "x")),
    st.sampled_from(("", "yes", "no")),
    st.sampled_from(TAGS),
    st.sampled_from(("", "value")),
)
files = st.lists(st.one_of(st.none(), rows, rows, rows), max_size=7)
people = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(("Ana", "Bo", None)),
        "is_subscribed": st.booleans(),
        "tags": st.sampled_from(([], ["VIP"], ["Friend", "VIP"])),
        "custom_fields": st.sampled_from(({}, {"score": 1})),
    }
)
worlds = st.dictionaries(
    st.tuples(st.sampled_from((*ADDRESSES, None)), st.sampled_from((*KEYS, None))),
    people,
    max_size=4,
)
choices = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(("upsert", "create", "update")),
        "match": st.sampled_from(("email", "external_id")),
        "batch_size": st.sampled_from((1, 2, 3, 1000)),
    }
)
Row = tuple[str, ...]
World = dict[tuple[str | None, str | None], dict[str, Any]]


def make_world(organization: Organization, world: World) -> None:
    taken: set[str | None] = {None}
    make_custom_field(organization, "score", "number")
    for (address, key), values in world.items():
        keys = {"email": address, "external_id": key}
        free = {name: part for name, part in keys.items() if part not in taken}
        taken |= set(free.values())
        if free:
            values = {name: part for name, part in values.items() if part is not None}
            make_contact(organization, **({"email": None} | free | values))


def make_file(lines: list[Row | None]) -> str:
    return "\n".join([HEADER, *(",".join(line) if line else ",,,,,," for line in lines), ""])


def buckets(job: ImportJob, column: str) -> list[str]:
    records = ImportRecord.objects.filter(import_job=job).order_by("row_number")
    return list(records.values_list(column, flat=True))


OWNER_MOVES_ON: World = {("a@x.org", "1"): {}}


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(world=worlds, lines=files, chosen=choices)
# An external ID that a line frees, and a later line, in another batch, takes.
@example(
    world=OWNER_MOVES_ON,
    lines=[("a@x.org", "2", "", "", "", "", ""), ("b@x.org", "1", "", "", "", "", "")],
    chosen={"mode": "upsert", "match": "email", "batch_size": 1},
)
def test_preview_is_outcome(world: World, lines: list[Row | None], chosen: dict[str, Any]) -> None:
    organization = make_organization()
    with organization_scope(organization):
        make_world(organization, world)
        job = checked(make_import(organization, make_file(lines), columns=COLUMNS, **chosen))
        predicted = buckets(job, "predicted")
        preview = import_preview(job=job).counts
        people_before = Contact.objects.count()
        job = imported(job)
        outcomes = buckets(job, "outcome")
        assert outcomes == predicted
        assert job.counts == job.predicted_counts == dict(Counter(outcomes))
        assert preview == full_counts(job.counts)
        assert len(outcomes) == job.total_records == len(lines)
        created = job.counts.get("created", 0)
        assert Contact.objects.count() == people_before + created
        history = ContactHistory.objects.filter(operation=job.operation_id)
        assert history.filter(change_type="created").count() == created
        expected = "partially_completed" if job.counts.get("failed") else "completed"
        assert job.status == expected
