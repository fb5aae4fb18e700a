"""Taking operations back, example by example; the rule as a whole is in test_undo_property."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.jobs import run_operation
from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    ContactOperation,
    OperationKind,
)
from contacts.patches import patch_maker
from contacts.selectors.history import KeyChange
from contacts.selectors.undo_preview import undo_preview
from contacts.services import undo as undo_module
from contacts.services.contacts import contact_update, contacts_delete, contacts_patch
from contacts.services.operations import (
    operation_finish,
    operation_pause,
    operation_resume,
    operation_start,
)
from contacts.services.relations import identifier_remove
from contacts.services.undo import operation_undo, undo_run
from contacts.services.writing import contacts_write, json_batch
from imports.services.control import import_cancel, import_start, import_undo
from organizations.models import Organization
from organizations.services.leases import LeaseLost, lease_take
from tags.models import Tag, TagAssignment
from tags.services.tags import tags_assign
from tests.factories import (
    SCREEN,
    checked,
    imported,
    make_contact,
    make_identifier,
    make_import,
    make_organization,
    make_tag,
    undone,
)
from tests.screens import Screens


def previewed(operation: ContactOperation) -> dict[str, int]:
    """What the preview says, without what it says there is none of."""
    return {
        bucket: count for bucket, count in undo_preview(operation=operation).counts.items() if count
    }


def edited(contact: Contact, **values: Any) -> ContactOperation:
    """The operation of an edit."""
    contact_update(contact=contact, patch=patch_maker().make(values), actor=SCREEN)
    return ContactOperation.objects.latest("pk")


def moved_by(operation: ContactOperation, contact: Contact, email: str) -> None:
    """Give a contact another address as part of an operation."""
    rows = [(contact.pk, None, {"email": email, "email_key": email})]
    contacts_write(operation=operation, batch=json_batch(rows, match="id"))


def creation(contact: Contact) -> ContactOperation:
    return ContactHistory.objects.get(contact_id=contact.pk, change_type="created").operation


def city(contact: Contact) -> str | None:
    contact.refresh_from_db()
    return contact.city


def deleted(contact: Contact) -> bool:
    return Contact.with_deleted.get(pk=contact.pk).deleted_at is not None


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo two contacts a batch."""
    monkeypatch.setitem(undo_module.undo_batch.__kwdefaults__, "batch_size", 2)


def test_two_edits_undone_in_their_order_give_the_original(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    first, second = edited(ana, city="Oslo"), edited(ana, city="Bergen")
    assert undone(first).summary == {"kept": 1}
    assert city(ana) == "Bergen"
    assert undone(second).summary == {"reverted": 1}
    assert city(ana) == "Rome"


def test_two_edits_undone_newest_first_give_the_original(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    first, second = edited(ana, city="Oslo"), edited(ana, city="Bergen")
    undone(second)
    assert city(ana) == "Oslo"
    undone(first)
    assert city(ana) == "Rome"


def test_changed_and_changed_back_counts_as_edited(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    first = edited(ana, city="Oslo")
    edited(ana, city="Bergen")
    edited(ana, city="Oslo")
    assert undone(first).summary == {"kept": 1}
    assert city(ana) == "Oslo"


def test_only_the_keys_that_are_still_owned_come_back(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome", first_name="Ana")
    first = edited(ana, city="Oslo", first_name="Anna")
    edited(ana, city="Bergen")
    assert undone(first).summary == {"kept": 1}
    ana.refresh_from_db()
    assert (ana.city, ana.first_name) == ("Bergen", "Ana")


def test_the_undo_is_in_the_history_as_an_operation(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    undo = undone(edited(ana, city="Oslo"))
    row = ContactHistory.objects.get(operation=undo)
    assert row.change_type == "undo"
    assert (row.old_value, row.new_value) == ({"city": "Oslo"}, {"city": "Rome"})
    assert undo.status == "done"
    assert undo.undoes.undone_at is not None


def test_undo_of_an_undo_puts_back(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    edit = edited(ana, city="Oslo")
    redo = undone(undone(edit))
    assert city(ana) == "Oslo"
    edit.refresh_from_db()
    assert edit.undone_at is None
    undone(edit)
    assert city(ana) == "Rome"
    with pytest.raises(ValidationError, match="Nothing of it is left"):
        operation_undo(operation=redo, actor=SCREEN)


def test_undo_and_redo_have_no_end(organization: Organization) -> None:
    """Each is of the one before, and a redo's undo is one of what was put back."""
    ana = make_contact(organization, city="Rome")
    edit = newest = edited(ana, city="Oslo")
    for expected in ("Rome", "Oslo") * 3:
        preview = previewed(newest)
        newest = undone(newest)
        assert (city(ana), newest.summary) == (expected, preview)
        meant = newest.undoes if expected == "Rome" else newest.undoes.undoes
        assert meant == edit
    assert ContactOperation.objects.filter(undoes__undoes__undoes__isnull=False).count() == 0


def test_undo_of_a_redo_also_takes_what_was_blocked_before(organization: Organization) -> None:
    """It is about the operation as it stands, and the preview says so."""
    ana, bo = make_contact(organization, email="ana@x.org"), make_contact(organization)
    edit = contacts_delete(ids=[ana.pk, bo.pk], actor=SCREEN)
    thief = make_contact(organization, email="ana@x.org")
    undo = undone(edit)
    assert undo.summary == {"reverted": 1, "blocked": 1}
    redo = undone(undo)
    contacts_delete(ids=[thief.pk], actor=SCREEN)
    assert previewed(redo) == undone(redo).summary == {"reverted": 2}
    assert not deleted(ana)


def test_a_redo_is_not_undone_while_it_or_its_undo_runs(organization: Organization) -> None:
    redo = operation_undo(
        operation=undone(edited(make_contact(organization), city="Oslo")), actor=SCREEN
    )
    with pytest.raises(ValidationError, match="has not come to its end"):
        operation_undo(operation=redo, actor=SCREEN)
    run_operation(organization_id=organization.pk, operation_id=redo.pk)
    operation_undo(operation=redo, actor=SCREEN)
    with pytest.raises(ValidationError, match="right now"):
        operation_undo(operation=redo, actor=SCREEN)


def test_undo_of_an_undo_keeps_what_was_edited_since(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    undo = undone(edited(ana, city="Oslo"))
    edited(ana, city="Bergen")
    assert undone(undo).summary == {"kept": 1}
    assert city(ana) == "Bergen"


def test_a_person_is_gone_when_their_creation_is_undone(organization: Organization) -> None:
    ana = make_contact(organization)
    undo = undone(creation(ana))
    assert undo.summary == {"reverted": 1}
    assert deleted(ana)
    undone(undo)
    assert not deleted(ana)


def test_a_person_created_and_edited_since_is_kept(organization: Organization) -> None:
    ana = make_contact(organization, city="Rome")
    edit = edited(ana, city="Oslo")
    undo = undone(creation(ana))
    assert undo.summary == {"kept": 1}
    assert not deleted(ana)
    undone(edit)
    assert city(ana) == "Rome"
    assert undone(creation(ana)).summary == {"reverted": 1}
    assert deleted(ana)


def test_what_a_creation_gave_survives_undo_and_redo_around_it(organization: Organization) -> None:
    """The edit is put back and taken back while the creation is undone; then the creation is put back."""
    ana = make_contact(organization, city="Rome")
    edit = edited(ana, city="Oslo")
    edit_undo = undone(edit)
    creation_undo = undone(creation(ana))
    undone(edit_undo)
    undone(edit)
    assert deleted(ana)
    undone(creation_undo)
    assert not deleted(ana)
    assert city(ana) == "Rome"


def test_a_deletion_does_not_bring_back_whom_nobody_created(organization: Organization) -> None:
    ana = make_contact(organization)
    deletion = contacts_delete(ids=[ana.pk], actor=SCREEN)
    deletion_undo = undone(deletion)
    creation_undo = undone(creation(ana))
    undone(deletion_undo)
    undone(deletion)
    assert deleted(ana)
    undone(creation_undo)
    assert not deleted(ana)


def test_putting_a_creation_back_leaves_a_deletion_that_stands(organization: Organization) -> None:
    ana = make_contact(organization)
    deletion = contacts_delete(ids=[ana.pk], actor=SCREEN)
    deletion_undo = undone(deletion)
    creation_undo = undone(creation(ana))
    undone(deletion_undo)
    undone(creation_undo)
    assert deleted(ana)
    undone(deletion)
    assert not deleted(ana)


def test_undoing_a_deletion_restores_everybody(organization: Organization) -> None:
    people = [make_contact(organization, tags=["VIP"], external_id=f"{n}") for n in range(5)]
    deletion = contacts_delete(ids=[each.pk for each in people], actor=SCREEN)
    assert not Contact.objects.exists()
    assert previewed(deletion) == {"reverted": 5}
    assert undone(deletion).summary == {"reverted": 5}
    assert Contact.objects.count() == TagAssignment.objects.count() == 5


def test_an_address_that_is_somebody_elses_now_blocks(organization: Organization) -> None:
    ana, bob = make_contact(organization, email="ana@x.org"), make_contact(organization)
    deletion = contacts_delete(ids=[ana.pk, bob.pk], actor=SCREEN)
    other = make_contact(organization, email="ANA@x.org")
    assert previewed(deletion) == {"reverted": 1, "blocked": 1}
    assert undone(deletion).summary == {"reverted": 1, "blocked": 1}
    assert deleted(ana)
    edited(other, email="other@x.org")
    assert undone(deletion).summary == {"reverted": 1}
    assert not deleted(ana)
    with pytest.raises(ValidationError, match="Nothing of it is left"):
        operation_undo(operation=deletion, actor=SCREEN)


def test_an_edit_of_an_address_is_blocked_as_a_whole(organization: Organization) -> None:
    ana = make_contact(organization, email="ana@x.org", city="Rome")
    edit = edited(ana, email="anna@x.org", city="Oslo")
    other = make_contact(organization, email="ana@x.org")
    assert undone(edit).summary == {"blocked": 1}
    assert city(ana) == "Oslo"
    contacts_delete(ids=[other.pk], actor=SCREEN)
    assert undone(edit).summary == {"reverted": 1}
    ana.refresh_from_db()
    assert (ana.email, ana.email_key, ana.city) == ("ana@x.org", "ana@x.org", "Rome")


def test_an_external_id_that_is_somebody_elses_now_blocks(organization: Organization) -> None:
    ana = make_contact(organization, external_id="7")
    edit = edited(ana, external_id="8")
    make_contact(organization, external_id="7")
    assert undone(edit).summary == {"blocked": 1}


def test_who_was_erased_is_blocked(organization: Organization) -> None:
    ana, bob = make_contact(organization), make_contact(organization)
    edit = contacts_patch(ids=[ana.pk, bob.pk], patch={"city": "Oslo"}, actor=SCREEN, label="Move")
    with connection.cursor() as cursor:
        cursor.execute("delete from contacts where id = %s", [ana.pk])
    assert previewed(edit) == undone(edit).summary == {"reverted": 1, "blocked": 1}


def test_undoing_tags_takes_off_only_what_was_put_on(organization: Organization) -> None:
    vip = make_tag(organization, "VIP")
    ana, bob = make_contact(organization, tags=["VIP"]), make_contact(organization)
    tagging = tags_assign(ids=[ana.pk, bob.pk], tags=[vip], actor=SCREEN)
    assert undone(tagging).summary == {"reverted": 1}
    assert list(TagAssignment.objects.values_list("contact_id", flat=True)) == [ana.pk]


def test_an_undo_is_refused_while_one_runs(organization: Organization) -> None:
    edit = edited(make_contact(organization), city="Oslo")
    operation_undo(operation=edit, actor=SCREEN)
    with pytest.raises(ValidationError, match="being undone"):
        operation_undo(operation=edit, actor=SCREEN)


def test_an_undo_is_refused_while_the_operation_runs(organization: Organization) -> None:
    edit = edited(make_contact(organization), city="Oslo")
    ContactOperation.objects.filter(pk=edit.pk).update(status="running")
    with pytest.raises(ValidationError, match="has not come to its end"):
        operation_undo(operation=edit, actor=SCREEN)


def test_nothing_is_undone_twice(organization: Organization) -> None:
    edit = edited(make_contact(organization), city="Oslo")
    undone(edit)
    with pytest.raises(ValidationError, match="Nothing of it is left"):
        operation_undo(operation=edit, actor=SCREEN)


def test_another_organizations_operation_is_out_of_reach(organization: Organization) -> None:
    other = make_organization()
    make_contact(other)
    operation = ContactOperation.unscoped.get(organization=other)
    with pytest.raises(ContactOperation.DoesNotExist):
        operation_undo(operation=operation, actor=SCREEN)


FILE = """email,first name,age,tags
ana@x.org,Ana,31,VIP
bob@x.org,Bob,20,VIP;Friend
cy@x.org,Cy,12,
dan@x.org,Dan,,Friend
eve@x.org,Eve,44,VIP
"""


def test_undo_of_an_import_gives_back_fields_and_tags(organization: Organization) -> None:
    ana = make_contact(organization, email="ANA@x.org", first_name="Anna", tags=["Old"])
    job = imported(make_import(organization, FILE))
    cy = Contact.objects.get(email="cy@x.org")
    edited(cy, city="Oslo")
    preview = previewed(job.operation)
    import_undo(job=job, actor=SCREEN)
    run_operation(organization_id=organization.pk, operation_id=job.operation.undos.get().pk)
    job.refresh_from_db()
    assert job.status == "undone"
    summary = job.operation.undos.get().summary
    assert preview == summary == {"reverted": 4, "kept": 1}
    assert set(Contact.objects.values_list("email", flat=True)) == {"ANA@x.org", "cy@x.org"}
    ana.refresh_from_db()
    assert (ana.first_name, ana.custom_fields) == ("Anna", {})
    assert [each.tag.name for each in ana.tag_assignments.select_related("tag")] == ["Old"]


def test_an_import_follows_the_undo_of_its_redo(organization: Organization) -> None:
    job = imported(make_import(organization, FILE))
    screens = Screens(organization)
    newest = job.operation
    for status in ("undone", "completed") * 2:
        newest = undone(newest)
        job.refresh_from_db()
        assert job.status == status
        assert screens.get(f"imports/{job.pk}/").status_code == 200
    page = screens.get(f"operations/{newest.pk}/").content.decode()
    assert "Undo it once more" in page
    assert f'operations/{job.operation_id}/">Import of people.csv</a> back' in page


def test_undo_of_an_import_that_was_cancelled_half_way(organization: Organization) -> None:
    job = checked(make_import(organization, FILE, batch_size=2))
    job = import_start(job=job, actor=SCREEN)
    _run_import_batches(job, 2)
    job = import_cancel(job=job)
    assert Contact.objects.count() == 2
    import_undo(job=job, actor=SCREEN)
    run_operation(organization_id=organization.pk, operation_id=job.operation.undos.get().pk)
    job.refresh_from_db()
    assert job.status == "undone"
    assert not Contact.objects.exists()
    assert Tag.objects.filter(assignments__contact__deleted_at=None).count() == 0


def _run_import_batches(job: Any, count: int) -> None:
    from imports.services import running

    lease = lease_take(work=job)
    assert lease is not None
    for _ in range(count):
        job.refresh_from_db()
        running._step(job, lease)


class Killed(BaseException):
    """Stands for a worker that dies: nothing catches it."""


def rows() -> list[Any]:
    fields = ("pk", "email", "city", "first_name", "custom_fields", "deleted_at")
    people = [
        (*row[:-1], row[-1] is None)
        for row in Contact.with_deleted.order_by("pk").values_list(*fields)
    ]
    history = ContactHistory.objects.filter(change_type="undo").order_by("contact_id")
    tags = TagAssignment.objects.order_by("contact_id", "tag_id")
    return [
        people,
        list(tags.values_list("contact_id", "tag__name")),
        [(h.contact_id, sorted(h.new_value)) for h in history],
        sorted(ContactChange.objects.values_list("contact_id", "kind", "reference")),
    ]


def _die_at(monkeypatch: pytest.MonkeyPatch, step: int, where: str) -> None:
    """Have the undo die in its nth step, before or after it wrote its batch."""
    write, calls = undo_module.contacts_write, []

    def dying(**arguments: Any) -> Any:
        calls.append(1)
        written = write(**arguments) if where == "after" or len(calls) < step else []
        if len(calls) == step:
            raise Killed
        return written

    monkeypatch.setattr(undo_module, "contacts_write", dying)


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_an_undo_that_dies_is_ended_by_the_next_worker(
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
    small_batches: None,
    step: int,
    where: str,
) -> None:
    people, edit = _five_moved(organization)
    undo = operation_undo(operation=edit, actor=SCREEN)
    lease = lease_take(work=undo)
    assert lease is not None
    with monkeypatch.context() as patched:
        _die_at(patched, step, where)
        with pytest.raises(Killed):
            undo_run(undo, lease=lease)
    assert lease_take(work=undo) is None
    ContactOperation.objects.filter(pk=undo.pk).update(lease_expires_at=timezone.now())
    run_operation(organization_id=organization.pk, operation_id=undo.pk)
    undo.refresh_from_db()
    assert undo.status == "done"
    assert undo.summary == {"reverted": 4, "kept": 1}
    assert undo.progress_done == 5
    assert [city(each) for each in people] == [None, None, "Bergen", None, None]
    assert ContactHistory.objects.filter(operation=undo).count() == 4


def _five_moved(organization: Organization) -> tuple[list[Contact], ContactOperation]:
    people = [make_contact(organization) for _ in range(5)]
    ids = [each.pk for each in people]
    edit = contacts_patch(ids=ids, patch={"city": "Oslo"}, actor=SCREEN, label="Move")
    edited(people[2], city="Bergen")
    return people, edit


def test_who_lost_the_lease_commits_nothing(
    organization: Organization, small_batches: None
) -> None:
    _, edit = _five_moved(organization)
    undo = operation_undo(operation=edit, actor=SCREEN)
    slow = lease_take(work=undo)
    assert slow is not None
    undo_module._undo_step(undo, slow)
    late = timezone.now() - timedelta(seconds=1)
    ContactOperation.objects.filter(pk=undo.pk).update(lease_expires_at=late)
    quick = lease_take(work=undo)
    assert quick is not None
    before = rows()
    with pytest.raises(LeaseLost):
        undo_run(undo, lease=slow)
    assert rows() == before
    assert undo_run(undo, lease=quick)
    undo.refresh_from_db()
    assert undo.summary == {"reverted": 4, "kept": 1}


def test_a_slice_that_is_over_hands_the_rest_over(
    organization: Organization,
    small_batches: None,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    _, edit = _five_moved(organization)
    undo = operation_undo(operation=edit, actor=SCREEN)
    lease = lease_take(work=undo)
    assert lease is not None
    assert not undo_run(undo, lease=lease, seconds=0)
    undo.refresh_from_db()
    assert undo.claim_token is None
    assert undo.status == "pending"
    run_operation(organization_id=organization.pk, operation_id=undo.pk)
    undo.refresh_from_db()
    assert undo.status == "done"


def test_previews_agree_with_outcomes_across_batches(
    organization: Organization, small_batches: None
) -> None:
    _, edit = _five_moved(organization)
    assert previewed(edit) == undone(edit).summary


class TestPreview:
    """What an undo would do says why."""

    def test_what_is_kept_and_what_is_blocked(self, organization: Organization) -> None:
        moved = make_contact(organization, email="old@x.org", first_name="Ana", city="Bergen")
        edited = make_contact(organization, email="b@x.org", city="Rome")
        ids = [moved.pk, edited.pk]
        contact_update(
            contact=moved, patch={"email": "new@x.org", "email_key": "new@x.org"}, actor=SCREEN
        )
        operation = ContactOperation.objects.latest("pk")
        make_contact(organization, email="old@x.org", first_name="Eve")
        found = undo_preview(operation=operation)
        (blocked,) = found.examples["blocked"]
        assert (blocked.name, blocked.reason) == ("Ana", "Its old e-mail address is Eve’s now.")

        both = contacts_patch(
            ids=ids, patch={"city": "Oslo", "country": "Norway"}, actor=SCREEN, label="Both"
        )
        contact_update(contact=edited, patch={"city": "Paris"}, actor=SCREEN)
        found = undo_preview(operation=both)
        assert found.counts == {"reverted": 1, "kept": 1, "blocked": 0}
        (kept,) = found.examples["kept"]
        assert kept.reason == "Edited since: City."
        assert kept.changes == {"country": {"before": "Norway", "after": None}}
        assert kept.shown == [KeyChange("Country", "Norway", "—")]
        (reverted,) = found.examples["reverted"]
        assert reverted.changes["city"] == {"before": "Oslo", "after": "Bergen"}

    def test_counts_are_of_all_and_what_is_written_is_told_apart(
        self, organization: Organization
    ) -> None:
        lines = "".join(f"p{number}@example.org,P{number},Oslo\n" for number in range(12))
        job = imported(make_import(organization, f"email,first name,city\n{lines}"))
        whole, erased, partly = Contact.objects.order_by("pk")[:3]
        contact_update(contact=whole, patch={"city": "Paris"}, actor=SCREEN)
        assert job.operation is not None
        found = undo_preview(operation=job.operation)
        assert (found.counts, found.untouched) == ({"reverted": 11, "kept": 1, "blocked": 0}, 1)
        assert found.changed == 11
        ids = [contact.pk for contact in Contact.objects.all()]
        both = contacts_patch(
            ids=ids, patch={"city": "Rome", "country": "Italy"}, actor=SCREEN, label="Both"
        )
        for contact, patch in ((whole, {"city": "A", "country": "B"}), (partly, {"city": "C"})):
            contact_update(contact=contact, patch=patch, actor=SCREEN)
        Contact.objects.filter(pk=erased.pk).delete()
        found = undo_preview(operation=both)
        assert (found.counts, found.untouched) == ({"reverted": 9, "kept": 2, "blocked": 1}, 1)
        assert [len(found.examples[bucket]) for bucket in ("reverted", "kept", "blocked")] == [
            5,
            2,
            1,
        ]
        assert undone(both).summary == found.counts

    def test_who_claims_a_key_is_counted_by_whether_somebody_has_it(
        self, organization: Organization
    ) -> None:
        lines = "".join(f"p{number}@example.org,{number}\n" for number in range(12))
        job = imported(make_import(organization, f"email,external id\n{lines}"))
        undo = undone(job.operation)
        make_contact(organization, email="p0@example.org")
        make_contact(organization, external_id="1")
        make_identifier(make_contact(organization), "p2@example.org")
        make_identifier(make_contact(organization), "3", kind="external_id")
        edited(make_contact(organization), external_id="4")
        expected = {"reverted": 7, "blocked": 5}
        assert previewed(undo) == undone(undo).summary == expected

    def test_further_keys_are_claimed_too(self, organization: Organization) -> None:
        """By who comes back to life with them, and by who gets one back."""
        ana, bo, eve = (make_contact(organization) for _ in range(3))
        for contact, value in ((ana, "ana@x.org"), (bo, "bo@x.org")):
            make_identifier(contact, value)
            make_identifier(contact, "+47 22 12 34 56", kind="phone")
        deletion = contacts_delete(ids=[ana.pk, bo.pk, eve.pk], actor=SCREEN)
        make_identifier(make_contact(organization, phone="+47 22 12 34 56"), "ana@x.org")
        expected = {"reverted": 2, "blocked": 1}
        assert previewed(deletion) == undone(deletion).summary == expected
        identifier_remove(contact=bo, kind="email", value_key="bo@x.org", actor=SCREEN)
        removal = ContactOperation.objects.latest("pk")
        assert previewed(removal) == {"reverted": 1}
        make_contact(organization, email="bo@x.org")
        assert previewed(removal) == undone(removal).summary == {"blocked": 1}

    def test_of_two_who_claim_one_key_the_first_gets_it(self, organization: Organization) -> None:
        ana, bo = make_contact(organization, email="a@x.org"), make_contact(organization)
        operation = operation_start(kind=OperationKind.BULK_EDIT, actor=SCREEN, label="Moved")
        moved_by(operation, ana, "b@x.org")
        edited(bo, email="a@x.org")
        moved_by(operation, bo, "c@x.org")
        operation_finish(operation=operation, summary={})
        expected = {"reverted": 1, "blocked": 1}
        assert previewed(operation) == undone(operation).summary == expected
        assert Contact.objects.get(email_key="a@x.org") == ana

    def test_examples_alone_are_planned(self, organization: Organization) -> None:
        """Whatever the number of contacts: so many queries, and so many rows in a plan."""
        ids = [make_contact(organization).pk for _ in range(20)]
        few = contacts_delete(ids=ids[:4], actor=SCREEN)
        many = contacts_delete(ids=ids[4:], actor=SCREEN)
        asked = []
        for operation in (few, many):
            with CaptureQueriesContext(connection) as captured:
                undo_preview(operation=operation)
            asked.append([query["sql"] for query in captured])
        assert len(asked[0]) == len(asked[1])
        (plan,) = [sql for sql in asked[1] if "plan as materialized" in sql]
        (planned,) = re.findall(r"h\.contact_id = any\('\{([\d,]+)\}'", plan)
        assert len(planned.split(",")) == 5

    def test_tags_are_told_by_name(self, organization: Organization) -> None:
        contact = make_contact(organization)
        tags_assign(ids=[contact.pk], tags=[make_tag(organization, "VIP")], actor=SCREEN)
        (example,) = undo_preview(operation=ContactOperation.objects.latest("pk")).examples[
            "reverted"
        ]
        assert example.shown == [KeyChange("Tags taken off", "", "VIP")]

    def test_who_was_created_and_edited(self, organization: Organization) -> None:
        contact = make_contact(organization)
        operation = ContactOperation.objects.latest("pk")
        contact_update(contact=contact, patch={"city": "Paris"}, actor=SCREEN)
        (kept,) = undo_preview(operation=operation).examples["kept"]
        assert kept.reason == "Somebody edited it since: it stays."


class TestPause:
    def test_an_undo_stops_at_a_batch_and_goes_on(
        self, organization: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(undo_module.undo_batch.__kwdefaults__, "batch_size", 1)
        contacts = [make_contact(organization, city="Rome") for _ in range(3)]
        ids = [contact.pk for contact in contacts]
        edit = contacts_patch(ids=ids, patch={"city": "Oslo"}, actor=SCREEN, label="Moved")
        undo = operation_undo(operation=edit, actor=SCREEN)
        lease = lease_take(work=undo)
        assert lease is not None
        undo_module._undo_step(undo, lease)
        operation_pause(operation=undo)
        with pytest.raises(LeaseLost):
            undo_module._undo_step(undo, lease)
        assert Contact.objects.filter(city="Rome").count() == 1
        assert lease_take(work=ContactOperation.objects.get(pk=undo.pk)) is None
        with pytest.raises(ValidationError, match="can't be undone"):
            operation_undo(operation=edit, actor=SCREEN)
        operation_resume(operation=undo)
        run_operation(organization_id=organization.pk, operation_id=undo.pk)
        undo.refresh_from_db()
        assert (undo.status, undo.summary) == ("done", {"reverted": 3})
        assert Contact.objects.filter(city="Rome").count() == 3

    def test_only_what_is_under_way(self, organization: Organization) -> None:
        make_contact(organization)
        operation = ContactOperation.objects.latest("pk")
        for step in (operation_pause, operation_resume):
            with pytest.raises(ValidationError):
                step(operation=operation)
