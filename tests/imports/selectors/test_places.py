"""The line of a file that a contact's values were read from."""

from datetime import timedelta

from django.utils import timezone

from contacts.models import Contact
from contacts.selectors.places import Place
from imports.models import ImportJob
from imports.selectors.places import import_places
from imports.services.retention import retention_run
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import imported, make_contact, make_import, make_organization

TEXT = "email,city\na@x.org,Oslo\n\nb@x.org,Rome\nb@x.org,Bergen\n"


def place(contact: Contact, job: ImportJob) -> Place:
    assert job.operation is not None
    (found,) = import_places(contact.pk, [job.operation]).values()
    return found


def test_the_line_is_that_of_the_file(organization: Organization) -> None:
    job = imported(make_import(organization, TEXT))
    found = place(Contact.objects.get(email="b@x.org"), job)
    assert (str(found), found.pk) == ("people.csv, row 4", job.pk)
    assert found.link.endswith(f"/imports/{job.pk}/?row=3#row-3")


def test_lines_in_the_archive_are_found_and_deleted_ones_are_not(
    organization: Organization,
) -> None:
    job = imported(make_import(organization, TEXT))
    ana = Contact.objects.get(email="a@x.org")
    now = timezone.now()
    ImportJob.objects.filter(pk=job.pk).update(finished_at=now - timedelta(days=91))
    retention_run()
    job.refresh_from_db()
    assert job.records_archived_at is not None
    assert place(ana, job).row == 2
    ImportJob.objects.filter(pk=job.pk).update(records_archived_at=now - timedelta(days=366))
    retention_run()
    found = place(ana, job)
    assert (str(found), found.row) == ("people.csv", None)
    assert found.link.endswith(f"/imports/{job.pk}/")


def test_a_company_that_was_made_has_no_line(organization: Organization) -> None:
    columns = [
        {"index": 0, "target": "email"},
        {"index": 1, "target": "company_name", "link": True},
    ]
    job = imported(make_import(organization, "email,company\na@x.org,Acme\n", columns=columns))
    acme = Contact.objects.get(kind="company")
    assert place(acme, job).row is None


def test_lines_that_wrote_nothing_are_none(organization: Organization) -> None:
    """An import that finds everything so already is nobody's source, though its line knows the contact."""
    ana = make_contact(organization, email="a@x.org", city="Oslo")
    job = imported(make_import(organization, TEXT))
    assert place(ana, job).row is None


def test_others_imports_are_not_there(organization: Organization) -> None:
    job = imported(make_import(organization, TEXT))
    ana = Contact.objects.get(email="a@x.org")
    assert place(ana, job).row == 2
    with organization_scope(make_organization()):
        assert import_places(ana.pk, [job.operation]) == {}
