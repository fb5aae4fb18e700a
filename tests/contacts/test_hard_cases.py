"""What went wrong once: cases where several features meet."""

import pytest
from django.core.exceptions import ValidationError

from contacts.jobs import run_operation
from contacts.models import Contact, ContactHistory, ContactOperation, OperationKind
from contacts.patches import patch_maker
from contacts.services.contacts import contact_update, contacts_delete
from contacts.services.custom_fields import custom_field_create, custom_field_delete
from contacts.services.operations import operation_finish, operation_start
from contacts.services.undo import operation_undo
from contacts.services.writing import contacts_write, json_batch
from imports.models import ImportRecord
from imports.services.control import import_start
from organizations.models import Organization
from tags.models import TagAssignment
from tags.services.tags import tag_delete, tags_assign, tags_remove
from tests.factories import SCREEN, checked, imported, make_contact, make_import, make_tag


def undone(operation: ContactOperation) -> ContactOperation:
    undo = operation_undo(operation=operation, actor=SCREEN)
    run_operation(organization_id=undo.organization_id, operation_id=undo.pk)
    undo.refresh_from_db()
    return undo


def test_undo_passes_over_a_tag_that_was_deleted(organization: Organization) -> None:
    contact, tag = make_contact(organization, city="Oslo"), make_tag(organization, "VIP")
    tags_assign(ids=[contact.pk], tags=[tag], actor=SCREEN)
    removal = tags_remove(ids=[contact.pk], tags=[tag], actor=SCREEN)
    tag_delete(tag=tag, actor=SCREEN)
    assert undone(removal).status == "done"
    assert not TagAssignment.objects.exists()


def test_two_rows_of_one_operation_may_find_one_contact(organization: Organization) -> None:
    contact = make_contact(organization, email="a@example.org", city="Oslo")
    operation = operation_start(kind=OperationKind.API, actor=SCREEN)
    for city in ("Bergen", "Moss"):
        rows = [(contact.pk, None, {"city": city})]
        contacts_write(operation=operation, batch=json_batch(rows, match="id", mode="update"))
    operation_finish(operation=operation, summary={})
    change = ContactHistory.objects.get(operation=operation)
    assert (change.old_value, change.new_value) == ({"city": "Oslo"}, {"city": "Moss"})
    undone(operation)
    contact.refresh_from_db()
    assert contact.city == "Oslo"


def test_an_undo_and_the_undo_of_one_do_not_overtake_each_other(organization: Organization) -> None:
    contact = make_contact(organization, city="Oslo")
    contact_update(contact=contact, patch={"city": "Bergen"}, actor=SCREEN)
    edit = ContactOperation.objects.latest("pk")
    undo = undone(edit)
    operation_undo(operation=undo, actor=SCREEN)
    with pytest.raises(ValidationError, match="right now"):
        operation_undo(operation=edit, actor=SCREEN)


def test_who_opted_out_and_was_deleted_is_not_subscribed_again(organization: Organization) -> None:
    gone = make_contact(organization, email="out@example.org", is_subscribed=False)
    contacts_delete(ids=[gone.pk], actor=SCREEN)
    job = make_import(organization, "email,subscribed,city\nout@example.org,yes,Oslo\n")
    job = imported(job)
    assert job.predicted_counts == job.counts == {"protected": 1}
    contact = Contact.objects.get(email_key="out@example.org")
    assert (contact.is_subscribed, contact.city) == (False, "Oslo")


def test_a_run_refuses_a_field_that_has_become_another_one(organization: Organization) -> None:
    columns = [
        {"index": 0, "target": "email"},
        {"index": 1, "target": "custom:x", "type": "number"},
    ]
    job = checked(make_import(organization, "email,x\na@example.org,1\n", columns=columns))
    custom_field_create(key="x", type="text")
    import_start(job=job, actor=SCREEN)
    from imports.jobs import run_import

    run_import(organization_id=organization.pk, import_id=job.pk)
    job.refresh_from_db()
    assert job.status == "failed"
    assert "of the type text now" in job.error
    assert not Contact.objects.exists()
    assert ImportRecord.objects.filter(import_job=job, outcome="created").count() == 0


def test_a_key_with_values_of_another_type_is_not_taken(organization: Organization) -> None:
    definition = custom_field_create(key="z", type="number")
    make_contact(organization, custom_fields={"z": 7})
    custom_field_delete(definition=definition)
    with pytest.raises(ValidationError, match="another type"):
        custom_field_create(key="z", type="date")
    assert custom_field_create(key="z", type="number").key == "z"


def test_required_fields_hold_for_new_contacts_at_every_door(organization: Organization) -> None:
    custom_field_create(key="plan", type="text", is_required=True)
    with pytest.raises(ValidationError, match="required"):
        make_contact(organization)
    columns = [{"index": 0, "target": "email"}, {"index": 1, "target": "custom:plan"}]
    text = "email,plan\na@example.org,\nb@example.org,x\n"
    job = imported(make_import(organization, text, columns=columns))
    assert job.predicted_counts == job.counts == {"failed": 1, "created": 1}
    person = Contact.objects.get()
    contact_update(contact=person, patch=patch_maker().make({"city": "Oslo"}), actor=SCREEN)
