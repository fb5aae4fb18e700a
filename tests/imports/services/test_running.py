"""The run: modes, protected opt-outs, what becomes of fields and tags, and a constant number of queries."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactHistory, CustomFieldDefinition
from contacts.services.relations import identifier_add
from contacts.services.suppressions import suppression_add
from imports.jobs import run_import
from imports.models import ImportJob
from imports.selectors.counting import outcome_counts
from imports.services.control import import_start
from organizations.models import Organization
from tags.models import TagAssignment
from tests.factories import SCREEN, checked, imported, make_contact, make_import

FILE = "email,first name\nana@example.org,Ana\nbo@example.org,Bo\ncy@example.org,Cy\n"


@pytest.fixture
def known(organization: Organization) -> Organization:
    """Ana is known by another name, Bo by his."""
    make_contact(organization, email="ana@example.org", first_name="Anna")
    make_contact(organization, email="bo@example.org", first_name="Bo")
    return organization


@pytest.mark.parametrize(
    ("mode", "counts", "names"),
    [
        ("upsert", {"created": 1, "updated": 1, "unchanged": 1}, {"Ana", "Bo", "Cy"}),
        ("create", {"created": 1, "skipped": 2}, {"Anna", "Bo", "Cy"}),
        ("update", {"updated": 1, "unchanged": 1, "skipped": 1}, {"Ana", "Bo"}),
    ],
)
def test_modes(known: Organization, mode: str, counts: dict[str, int], names: set[str]) -> None:
    job = imported(make_import(known, FILE, mode=mode))
    assert job.counts == job.predicted_counts == counts
    assert outcome_counts(job=job, column="outcome") == counts
    assert set(Contact.objects.values_list("first_name", flat=True)) == names
    written = counts.get("created", 0) + counts.get("updated", 0)
    assert ContactHistory.objects.filter(operation=job.operation_id).count() == written


def test_history_has_just_what_changed(known: Organization) -> None:
    job = imported(make_import(known, FILE, mode="update"))
    (change,) = ContactHistory.objects.filter(operation=job.operation_id)
    assert (change.old_value, change.new_value) == ({"first_name": "Anna"}, {"first_name": "Ana"})


def test_opt_outs_are_protected(organization: Organization) -> None:
    """A line that would subscribe them again: its other columns are written, and it counts there only."""
    for name in ("ana", "bo", "cy"):
        make_contact(organization, email=f"{name}@example.org", is_subscribed=name == "cy")
    text = "email,city,subscribed\nana@example.org,Oslo,yes\nbo@example.org,,yes\ncy@example.org,Rome,no\ndi@example.org,,no\n"
    job = imported(make_import(organization, text))
    assert job.counts == job.predicted_counts == {"protected": 2, "updated": 1, "created": 1}
    people = Contact.objects.order_by("email").values_list("city", "is_subscribed")
    assert list(people) == [("Oslo", False), (None, False), ("Rome", False), (None, False)]
    again = imported(make_import(organization, text))
    assert again.counts == {"protected": 2, "unchanged": 2}
    assert not Contact.objects.filter(is_subscribed=True).exists()


def test_a_protected_line_that_changes_nothing_leaves_no_history(
    organization: Organization,
) -> None:
    make_contact(organization, email="ana@example.org", is_subscribed=False)
    job = imported(make_import(organization, "email,subscribed\nana@example.org,yes\n"))
    assert job.counts == {"protected": 1}
    assert not ContactHistory.objects.filter(operation=job.operation_id).exists()


def test_addresses_that_bounced_are_not_subscribed(organization: Organization) -> None:
    suppression_add(email="gone@example.org", reason="bounced")
    job = imported(make_import(organization, "email,name\nGone@example.org,G\nana@example.org,A\n"))
    assert job.counts == job.predicted_counts == {"protected": 1, "created": 1}
    gone = Contact.objects.get(email_key="gone@example.org")
    assert (gone.is_subscribed, gone.first_name) == (False, "G")


def test_people_are_found_by_a_further_address(organization: Organization) -> None:
    ana = make_contact(organization, email="ana@example.org")
    identifier_add(contact=ana, kind="email", value="ana@home.example", actor=SCREEN)
    job = imported(make_import(organization, "email,city\nAna@Home.example,Oslo\n"))
    assert job.counts == job.predicted_counts == {"updated": 1}
    ana.refresh_from_db()
    assert (ana.email, ana.city) == ("ana@example.org", "Oslo")


def test_matching_by_external_id(organization: Organization) -> None:
    make_contact(organization, email="old@example.org", external_id="1", first_name="Ana")
    text = "email,id\nnew@example.org,1\nbo@example.org,2\n"
    columns = [{"index": 0, "target": "email"}, {"index": 1, "target": "external_id"}]
    job = imported(make_import(organization, text, columns=columns, match="external_id"))
    assert job.counts == {"updated": 1, "created": 1}
    assert Contact.objects.get(external_id="1").email == "new@example.org"
    assert Contact.objects.get(external_id="1").first_name == "Ana"


def test_blank_cells_leave_what_is_known(organization: Organization) -> None:
    make_contact(organization, email="ana@example.org", first_name="Ana", tags=["VIP"])
    job = imported(make_import(organization, "email,first name,tags\nana@example.org, ,\n"))
    assert job.counts == {"unchanged": 1}
    assert Contact.objects.get().first_name == "Ana"
    assert TagAssignment.objects.count() == 1


def test_deleted_people_are_made_anew(organization: Organization) -> None:
    from contacts.services.contacts import contacts_delete

    ana = make_contact(organization, email="ana@example.org")
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    job = imported(make_import(organization, "email\nana@example.org\n"))
    assert job.counts == {"created": 1}
    assert Contact.objects.get().pk != ana.pk


def test_a_field_that_somebody_made_meanwhile(organization: Organization) -> None:
    columns = [
        {"index": 0, "target": "email"},
        {"index": 1, "target": "custom:age", "type": "number"},
    ]
    text = "email,age\nana@example.org,31\n"
    first, second = (make_import(organization, text, columns=columns) for _ in range(2))
    checked(second)
    imported(first)
    import_start(job=second, actor=SCREEN)
    run_import(organization_id=organization.pk, import_id=second.pk)
    second.refresh_from_db()
    assert (second.status, second.counts) == ("completed", {"unchanged": 1})
    assert CustomFieldDefinition.objects.count() == 1


def test_lines_that_fail_make_it_partial(organization: Organization) -> None:
    job = imported(make_import(organization, "email\nana@example.org\nbad\n\n"))
    assert job.status == "partially_completed"
    assert job.operation.status == "done"
    assert job.operation.summary == job.counts == {"created": 1, "failed": 1, "skipped": 1}
    assert imported(make_import(organization, "email\nana@example.org\n\n")).status == "completed"


def big_file(rows: int) -> str:
    lines = (f"p{number}@example.org,{number},Team {number % 3},{number}" for number in range(rows))
    return "\n".join(["email,name,tags,age", *lines, ""])


def queries_of_run(organization: Organization, rows: int) -> int:
    job = checked(make_import(organization, big_file(rows)))
    import_start(job=job, actor=SCREEN)
    with CaptureQueriesContext(connection) as captured:
        run_import(organization_id=organization.pk, import_id=job.pk)
    job.refresh_from_db()
    assert job.status == "completed"
    assert job.current_batch == 1
    # Statistics are made where the import is a good part of all contacts.
    return len([query for query in captured if not query["sql"].startswith("analyze ")])


def test_a_batch_takes_as_many_queries_whatever_its_size(organization: Organization) -> None:
    queries_of_run(organization, 5)
    assert queries_of_run(organization, 10) == queries_of_run(organization, 1000)


def queries_of_check(organization: Organization, rows: int) -> int:
    from imports.services.control import import_validate

    job = make_import(organization, big_file(rows))
    import_validate(job=job)
    with CaptureQueriesContext(connection) as captured:
        run_import(organization_id=organization.pk, import_id=job.pk)
    return len(captured)


def test_a_check_takes_as_many_queries_whatever_its_size(organization: Organization) -> None:
    assert queries_of_check(organization, 10) == queries_of_check(organization, 1000)


def test_the_figures_add_up_over_batches(organization: Organization) -> None:
    text = big_file(95) + "bad,,,\n\np5@example.org,,,\n"
    job: ImportJob = imported(make_import(organization, text, batch_size=10))
    expected: dict[str, Any] = {"created": 95, "failed": 1, "skipped": 1, "duplicate": 1}
    assert job.counts == job.predicted_counts == expected
    assert (job.current_batch, job.cursor, job.processed_records) == (10, 98, 98)
