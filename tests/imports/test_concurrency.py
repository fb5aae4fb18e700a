"""Several imports over the same people at once, each in a worker of its own."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from contacts.models import Contact, ContactHistory
from imports.models import ImportJob, ImportRecord, ImportStatus
from imports.selectors.counting import outcome_counts
from imports.services.control import import_start, import_validate
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import SCREEN, make_import, make_organization
from tests.imports.test_faults import is_live, reread
from tests.nursery import Nursery, running_nursery
from tests.waiting import await_

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PEOPLE = 10_000
# What each import brings beside the address: some columns are those of others, some its own.
COLUMNS = {
    "first": ("first_name", "city", "custom:score"),
    "second": ("first_name", "country", "tags"),
    "third": ("city", "custom:score", "tags"),
    "fourth": ("first_name", "city", "country", "custom:only"),
}
TYPES = {"custom:score": "number", "custom:only": "text"}


@pytest.fixture
def four_workers(django_db_setup: None, transactional_db: None) -> Iterator[Nursery]:
    with running_nursery("imports") as nursery:
        for _ in COLUMNS:
            nursery.start_worker()
        yield nursery


def value(target: str, who: str, number: int) -> Any:
    """What import `who` says of a person; now and then two of them say the same."""
    if target == "custom:score":
        return number % 10 if number % 3 == 0 else number % 100 + len(who)
    if target == "tags":
        return f"{who};Team {number % 5}"
    return f"Everybody's {target}" if number % 4 == 0 else f"{target} of {who}"


def make_file(who: str) -> str:
    numbers = list(range(PEOPLE))
    random.Random(who).shuffle(numbers)
    header = ",".join(["email", *COLUMNS[who]])
    lines = (
        ",".join(
            [f"person{number}@example.com", *(str(value(t, who, number)) for t in COLUMNS[who])]
        )
        for number in numbers
    )
    return "\n".join([header, *lines, ""])


def make_job(organization: Organization, who: str) -> ImportJob:
    columns = [{"index": 0, "target": "email"}]
    for index, target in enumerate(COLUMNS[who], 1):
        kind = {"type": TYPES[target]} if target in TYPES else {}
        columns.append({"index": index, "target": target, **kind})
    return make_import(organization, make_file(who), name=who, columns=columns, batch_size=500)


def test_four_imports_of_the_same_people(four_workers: Nursery) -> None:
    organization = make_organization()
    with organization_scope(organization):
        jobs = [make_job(organization, who) for who in COLUMNS]
        for step in (import_validate, lambda job: import_start(job=job, actor=SCREEN)):
            for job in jobs:
                step(job=reread(job))
            await_(lambda: not any(map(is_live, jobs)), "the end", four_workers.output)
        jobs = [reread(job) for job in jobs]
        assert [job.status for job in jobs] == [ImportStatus.COMPLETED] * 4, jobs[0].error
        assert [job.predicted_counts for job in jobs] == [{"created": PEOPLE}] * 4
        assert "deadlock" not in four_workers.output()
        expect_true_counts(jobs)
        expect_history_to_be_what_happened(jobs)


def expect_true_counts(jobs: list[ImportJob]) -> None:
    for job in jobs:
        assert sum(job.counts.values()) == job.total_records == PEOPLE
        assert job.counts == outcome_counts(job=job, column="outcome")
        assert set(job.counts) <= {"created", "updated", "unchanged"}
        history = ContactHistory.objects.filter(operation=job.operation_id)
        assert history.filter(change_type="created").count() == job.counts.get("created", 0)
        assert history.filter(change_type="updated").count() == job.counts.get("updated", 0)
    assert sum(job.counts.get("created", 0) for job in jobs) == Contact.objects.count() == PEOPLE
    assert sum(bool(job.counts.get("updated")) for job in jobs) >= 2, "they did not overlap"
    assert not ImportRecord.objects.filter(contact_id=None).exists()


def expect_history_to_be_what_happened(jobs: list[ImportJob]) -> None:
    """Each change begins with the value that the one before left, and the last one is what the contact has."""
    names = {job.operation_id: job.file_name for job in jobs}
    contacts = {contact.pk: contact for contact in Contact.objects.all()}
    now: dict[int, dict[str, Any]] = {pk: {} for pk in contacts}
    last: dict[tuple[int, str], str] = {}
    changes = ContactHistory.objects.order_by("id").values_list(
        "contact_id", "operation_id", "old_value", "new_value"
    )
    for contact_id, operation_id, old, new in changes.iterator():
        known = now[contact_id]
        assert {key: known.get(key) for key in old} == old
        known |= new
        last |= {(contact_id, key): names[operation_id] for key in new}
    for pk, contact in contacts.items():
        expect_last_values(contact, now[pk], last)


def expect_last_values(
    contact: Contact, known: dict[str, Any], last: dict[tuple[int, str], str]
) -> None:
    number = int((contact.email or "").removeprefix("person").partition("@")[0])
    has = {name: getattr(contact, name) for name in ("first_name", "city", "country")}
    has |= {f"custom:{key}": field for key, field in contact.custom_fields.items()}
    for target, found in has.items():
        assert known.get(target) == found
        if (who := last.get((contact.pk, target))) is not None:
            assert found == value(target, who, number)
    # Nobody wrote over it afterwards: every import that has the column said so, or said the same.
    assert set(has) == {"first_name", "city", "country", "custom:score", "custom:only"}
    assert sum(key.startswith("tag:") for key in known) == 3
