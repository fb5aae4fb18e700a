"""Segments of whom an import brought: they follow the import, its undo, and the undo of that."""

import pytest

from contacts.models import Contact
from contacts.services.contacts import contact_update
from organizations.models import Organization
from tests.factories import SCREEN, imported, make_contact, make_import, undone
from tests.segments.making import follow, make_segment, members_of, right_members

FILE = "E-mail,City\nana@a.example,Oslo\nbo@a.example,Oslo\nnew@a.example,Oslo\n"


@pytest.mark.django_db(transaction=True)
def test_undo_and_redo_are_followed_also_for_whom_they_leave_as_they_are(
    organization: Organization,
) -> None:
    ana = make_contact(organization, email="ana@a.example", city="Bergen")
    bo = make_contact(organization, email="bo@a.example", city="Bergen")
    job = imported(make_import(organization, FILE))
    assert job.operation is not None
    segment = make_segment(organization, {"type": "import", "import": job.pk})
    new = Contact.objects.get(email="new@a.example")
    assert members_of(segment) == {ana.pk, bo.pk, new.pk}
    # Edited since: the undo keeps all of it.
    contact_update(contact=ana, patch={"city": "Lima"}, actor=SCREEN)
    follow(organization)
    undo = undone(job.operation)
    follow(organization)
    assert members_of(segment) == right_members(segment) == set()
    undone(undo)
    follow(organization)
    assert members_of(segment) == right_members(segment) == {ana.pk, bo.pk, new.pk}
