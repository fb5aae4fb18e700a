"""The one statement that writes contacts: what it does to each row, and what trace it leaves."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    ContactOperation,
    CustomFieldDefinition,
)
from contacts.patches import patch_maker
from contacts.services.contacts import (
    contact_create,
    contact_update,
    contacts_delete,
    contacts_patch,
    contacts_upsert,
)
from contacts.services.operations import operation_start
from contacts.services.writing import (
    Batch,
    Mode,
    Outcome,
    contacts_plan,
    contacts_write,
    json_batch,
    outcomes,
)
from contacts.slots import slot_text
from organizations.models import Organization
from organizations.scope import organization_scope
from organizations.statements import statement
from tags.models import TagAssignment
from tags.services.tags import tags_assign, tags_remove
from tests.factories import (
    SCREEN,
    make_contact,
    make_custom_field,
    make_organization,
    make_tag,
    make_user,
)

Values = dict[str, Any]


def person(email: str, **values: Any) -> tuple[str, Values]:
    """A row of an upsert that is matched by e-mail."""
    patch = patch_maker().make({"email": email} | values)
    return patch["email_key"], patch


def upserted(*rows: tuple[str | None, Values], mode: Mode = "upsert") -> list[Outcome]:
    return contacts_upsert(rows=rows, match="email", mode=mode, actor=SCREEN)[1]


def named(written: list[Outcome]) -> list[str]:
    return [each.outcome for each in written]


def updated(contact: Contact, **values: Any) -> Contact:
    return contact_update(contact=contact, patch=patch_maker().make(values), actor=SCREEN)


def newest(contact: Contact) -> ContactHistory:
    return ContactHistory.objects.filter(contact_id=contact.pk).latest("pk")


def traces() -> tuple[int, int, int]:
    tables = (ContactHistory, ContactChange, ContactOperation)
    return tuple(table.objects.count() for table in tables)  # type: ignore[return-value]


def kinds() -> set[str]:
    return set(ContactChange.objects.values_list("kind", flat=True))


def wrong_with(error: ValidationError) -> dict[str, str]:
    return {field: errors[0].code for field, errors in error.error_dict.items()}


# What leaves a trace, and which


def test_an_edit_that_changes_nothing_leaves_no_trace(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    ana = make_contact(
        organization, email="Ana@x.org", city="Oslo", tags=["VIP"], custom_fields={"age": 31}
    )
    vip = make_tag(organization, "vip")
    before, updated_at = traces(), ana.updated_at
    patch = patch_maker().make({"email": "Ana@x.org", "city": "Oslo", "job_title": ""}, {"age": 31})
    contact_update(contact=ana, patch=patch | {f"tag:{vip.pk}": True}, actor=SCREEN)
    assert traces() == before
    ana.refresh_from_db()
    assert ana.updated_at == updated_at


def test_rows_that_change_nothing_leave_no_history(organization: Organization) -> None:
    make_contact(organization, email="ana@x.org", city="Oslo")
    history, changes, operations = traces()
    assert named(upserted(person("ana@x.org", city="Oslo"))) == ["unchanged"]
    assert traces() == (history, changes, operations + 1)


def test_history_has_exactly_the_changed_keys(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    make_custom_field(organization, "word", "text")
    user = make_user(organization)
    ana = make_contact(
        organization, city="Rome", first_name="Ana", custom_fields={"age": 31, "word": "x"}
    )
    ContactChange.objects.all().delete()
    tag = make_tag(organization)
    values = {"city": "Oslo", "first_name": "Ana", "last_name": "Ås", "is_subscribed": False}
    patch = patch_maker().make(values, {"age": None, "word": "x"}) | {f"tag:{tag.pk}": True}
    contact_update(contact=ana, patch=patch, actor=SCREEN.__class__(SCREEN.door, user), notes="why")
    row = newest(ana)
    assert row.change_type == "updated"
    assert row.new_value == {
        "city": "Oslo",
        "last_name": "Ås",
        "is_subscribed": False,
        "custom:age": None,
        f"tag:{tag.pk}": True,
    }
    assert row.old_value == {
        "city": "Rome",
        "last_name": None,
        "is_subscribed": True,
        "custom:age": 31,
        f"tag:{tag.pk}": None,
    }
    assert (row.changed_by, row.notes) == (user, "why")
    assert kinds() == {
        "attribute:city",
        "attribute:last_name",
        "attribute:is_subscribed",
        "custom:age",
        "tag_added",
    }
    assert TagAssignment.objects.get(contact=ana).assigned_by == user


def test_a_created_contact_has_one_row_of_history_without_blanks(
    organization: Organization,
) -> None:
    ana = make_contact(organization, email="Ana@X.org", city="Oslo", job_title="", tags=["VIP"])
    row = ContactHistory.objects.get(contact_id=ana.pk)
    assert (row.change_type, row.old_value) == ("created", {})
    tag = TagAssignment.objects.get(contact=ana).tag_id
    assert row.new_value == {
        "email": "Ana@X.org",
        "email_key": "ana@x.org",
        "city": "Oslo",
        f"tag:{tag}": True,
    }
    assert kinds() == {"created", "tag_added"}
    assert (ana.is_active, ana.is_subscribed, ana.kind) == (True, True, "person")


def test_a_value_that_is_null_is_absent(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    ana = make_contact(organization, custom_fields={"age": 31})
    contact_update(contact=ana, patch={"custom:age": None, "custom:never": None}, actor=SCREEN)
    ana.refresh_from_db()
    assert ana.custom_fields == {}
    assert newest(ana).new_value == {"custom:age": None}


def test_deleting_is_soft_and_told(organization: Organization) -> None:
    ana = make_contact(organization, tags=["VIP"])
    ContactChange.objects.all().delete()
    operation = contacts_delete(ids=[ana.pk, ana.pk, 10**12], actor=SCREEN, notes="left")
    assert operation.summary == {"updated": 1, "duplicate": 1, "skipped": 1}
    assert not Contact.objects.filter(pk=ana.pk).exists()
    row = newest(ana)
    assert (row.change_type, list(row.new_value), row.notes) == ("deleted", ["deleted_at"], "left")
    assert kinds() == {"deleted", "tag_removed"}
    with pytest.raises(Contact.DoesNotExist):
        updated(ana, city="Oslo")


# Keys that are somebody's


def test_another_spelling_of_an_address_is_an_edit_of_the_same_contact(
    organization: Organization,
) -> None:
    ana = make_contact(organization, email="ana@x.org")
    assert named(upserted(person("ANA@X.org"))) == ["updated"]
    ana.refresh_from_db()
    assert (ana.email, ana.email_key) == ("ANA@X.org", "ana@x.org")
    assert newest(ana).old_value == {"email": "ana@x.org", "email_key": "ana@x.org"}


def test_an_address_that_is_taken_names_its_owner(organization: Organization) -> None:
    ana, bob = make_contact(organization, email="ana@x.org"), make_contact(organization)
    before = traces()
    with pytest.raises(ValidationError, match=f"contact {ana.pk}") as caught:
        updated(bob, email="Ana@X.org", city="Oslo")
    assert wrong_with(caught.value) == {"email": "email_taken"}
    assert traces() == before
    bob.refresh_from_db()
    assert bob.city is None


def test_creating_somebody_who_is_there_is_refused(organization: Organization) -> None:
    ana = make_contact(organization, email="ana@x.org", external_id="7")
    with pytest.raises(ValidationError, match=f"contact {ana.pk}") as caught:
        make_contact(organization, email="ANA@x.org")
    assert wrong_with(caught.value) == {"email": "email_taken"}
    with pytest.raises(ValidationError, match=f"contact {ana.pk}") as caught:
        make_contact(organization, email="other@x.org", external_id="7")
    assert wrong_with(caught.value) == {"external_id": "external_id_taken"}


def test_an_external_id_that_is_taken_names_its_owner(organization: Organization) -> None:
    ana, bob = make_contact(organization, external_id="7"), make_contact(organization)
    with pytest.raises(ValidationError, match=f"contact {ana.pk}") as caught:
        updated(bob, external_id="7")
    assert wrong_with(caught.value) == {"external_id": "external_id_taken"}


def test_the_keys_of_the_deleted_are_free(organization: Organization) -> None:
    ana = make_contact(organization, email="ana@x.org", external_id="7")
    contacts_delete(ids=[ana.pk], actor=SCREEN)
    again = make_contact(organization, email="ana@x.org", external_id="7")
    assert again.pk != ana.pk


def test_a_contact_needs_something_to_be_known_by(organization: Organization) -> None:
    with pytest.raises(ValidationError):
        contact_create(patch={"city": "Oslo", "email": None}, actor=SCREEN)


# Batches


def test_the_first_row_of_a_key_wins(organization: Organization) -> None:
    make_contact(organization, email="old@x.org")
    written = upserted(
        person("new@x.org", city="Oslo"),
        person("NEW@x.org", city="Rome"),
        person("old@x.org", city="Oslo"),
        person("old@x.org", city="Rome"),
    )
    assert named(written) == ["created", "duplicate", "updated", "duplicate"]
    assert set(Contact.objects.values_list("city", flat=True)) == {"Oslo"}


def test_a_bad_row_fails_alone(organization: Organization) -> None:
    make_contact(organization, email="ana@x.org", external_id="7")
    written = upserted(
        person("bob@x.org", external_id="7"),
        person("cy@x.org", external_id="8"),
        person("dan@x.org", external_id="8"),
        person("eve@x.org"),
    )
    assert named(written) == ["failed", "created", "failed", "created"]
    codes = [each.error and each.error["code"] for each in written]
    assert codes == ["external_id_taken", None, "external_id_repeated", None]


def test_a_row_that_is_left_out_claims_no_address(organization: Organization) -> None:
    make_contact(organization, external_id="2")
    rows = [("1", person("new@x.org", external_id="1")[1]), ("2", person("new@x.org")[1])]
    _, written = contacts_upsert(rows=rows, match="external_id", mode="update", actor=SCREEN)
    assert named(written) == ["skipped", "updated"]


def test_two_rows_without_a_key_are_two_people(organization: Organization) -> None:
    rows = [(None, {"first_name": "Ana"}), (None, {"first_name": "Ana"})]
    assert named(upserted(*rows)) == ["created", "created"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("upsert", ["updated", "created"]),
        ("create", ["skipped", "created"]),
        ("update", ["updated", "skipped"]),
    ],
)
def test_modes(organization: Organization, mode: Mode, expected: list[str]) -> None:
    make_contact(organization, email="ana@x.org")
    rows = [person("ana@x.org", city="Oslo"), person("bob@x.org", city="Oslo")]
    assert named(upserted(*rows, mode=mode)) == expected
    assert Contact.objects.filter(city="Oslo").count() == 2 - expected.count("skipped")


def test_an_address_can_go_round_in_two_steps_not_in_one(organization: Organization) -> None:
    """Whose address it was is what counts, so that no row depends on one before it."""
    ana = make_contact(organization, email="ana@x.org", external_id="a")
    bob = make_contact(organization, email="bob@x.org", external_id="b")
    swap = [("a", person("bob@x.org")[1]), ("b", person("ana@x.org")[1])]
    _, written = contacts_upsert(rows=swap, match="external_id", mode="upsert", actor=SCREEN)
    assert named(written) == ["failed", "failed"]
    assert [each.error and each.error["contact"] for each in written] == [bob.pk, ana.pk]


def protected(*rows: tuple[str, Values]) -> list[Outcome]:
    batch = json_batch([(None, *row) for row in rows], match="email")
    batch = Batch(batch.incoming, batch.match, protect_opt_outs=True, params=batch.params)
    operation = operation_start(kind="import", actor=SCREEN)  # type: ignore[arg-type]
    return outcomes(contacts_write(operation=operation, batch=batch))


def test_an_opt_out_is_protected_and_the_rest_is_written(organization: Organization) -> None:
    ana = make_contact(organization, email="ana@x.org", is_subscribed=False)
    bob = make_contact(organization, email="bob@x.org", is_subscribed=False, city="Oslo")
    make_contact(organization, email="cy@x.org", is_subscribed=True)
    written = protected(
        person("ana@x.org", is_subscribed=True, city="Oslo"),
        person("bob@x.org", is_subscribed=True, city="Oslo"),
        person("cy@x.org", is_subscribed=False),
        person("dan@x.org", is_subscribed=False),
    )
    assert named(written) == ["protected", "protected", "updated", "created"]
    assert not Contact.objects.filter(is_subscribed=True).exists()
    assert newest(ana).new_value == {"city": "Oslo"}
    assert newest(bob).change_type == "created"


def test_people_may_subscribe_somebody_again(organization: Organization) -> None:
    ana = make_contact(organization, is_subscribed=False)
    assert updated(ana, is_subscribed=True).is_subscribed


def test_a_plan_says_what_a_write_does_and_writes_nothing(organization: Organization) -> None:
    make_contact(organization, email="ana@x.org")
    rows = [person("ana@x.org", city="Oslo"), person("bob@x.org"), person("bob@x.org")]
    batch = json_batch([(None, *row) for row in rows], match="email")
    before = traces()
    planned = outcomes(contacts_plan(batch=batch, sink=statement("contacts", "outcomes")))
    assert traces() == before
    assert named(planned) == named(upserted(*rows)) == ["updated", "created", "duplicate"]


# Slots


def slotted(organization: Organization, key: str, type: str, slot: str) -> None:
    field = make_custom_field(organization, key, type, **_choices(type))
    CustomFieldDefinition.objects.filter(pk=field.pk).update(slot=slot, is_indexed=True)


def _choices(type: str) -> Values:
    return {"choices": ["Red", "Blue"]} if type == "choice" else {}


SLOTTED = [
    ("number", "number_1", 31.5, Decimal("31.5")),
    ("number", "number_4", 10**15 - 1, Decimal(10**15 - 1)),
    ("text", "text_1", "Ås", "ås"),
    ("text", "text_3", "STRASSE, Straße", "strasse, strasse"),
    ("choice", "text_4", "Red", "red"),
    ("url", "text_2", "https://x.org/A", "https://x.org/a"),
    ("date", "time_1", "2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
    ("datetime", "time_4", "2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
]


@pytest.mark.parametrize(("type", "slot", "value", "expected"), SLOTTED)
def test_slots_follow_their_field(
    organization: Organization, type: str, slot: str, value: Any, expected: Any
) -> None:
    slotted(organization, "x", type, slot)
    ana = make_contact(organization, custom_fields={"x": value})
    assert getattr(ana, slot) == expected
    bob = make_contact(organization)
    assert getattr(bob, slot) is None
    patch = patch_maker().make({}, {"x": value})
    assert getattr(contact_update(contact=bob, patch=patch, actor=SCREEN), slot) == expected
    assert getattr(updated(bob, city="Oslo"), slot) == expected
    assert (
        getattr(contact_update(contact=bob, patch={"custom:x": None}, actor=SCREEN), slot) is None
    )


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("number", 1 - 10**15),
        ("number", 1e-12),
        ("number", 0),
        ("date", "0001-01-01"),
        ("date", "9999-12-31"),
        ("datetime", "0001-01-01T00:00:00+00:00"),
        ("datetime", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_slots_take_the_extremes(organization: Organization, type: str, value: Any) -> None:
    slot = "number_1" if type == "number" else "time_1"
    slotted(organization, "x", type, slot)
    ana = make_contact(organization, custom_fields={"x": value})
    assert getattr(ana, slot) is not None


@pytest.mark.parametrize("letter", ["a", "ﷺ", "😀", "é "])
def test_the_longest_text_fits_into_a_slot(organization: Organization, letter: str) -> None:
    slotted(organization, "x", "text", "text_1")
    text = (letter * 10_000)[:9_999] + "."
    ana = make_contact(organization, custom_fields={"x": text})
    assert ana.custom_fields["x"] == text
    assert ana.text_1 == slot_text(text) == text[:200]


# Set-based, and one organization's


def _upsert(count: int) -> None:
    rows = [
        (f"p{n}@x.org", {"email": f"p{n}@x.org", "email_key": f"p{n}@x.org"}) for n in range(count)
    ]
    upserted(*rows)


def _ids(count: int) -> list[int]:
    return list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:count])


def _patch(count: int) -> None:
    contacts_patch(ids=_ids(count), patch={"city": f"{count}"}, actor=SCREEN, label="Move")


def _assign(count: int) -> None:
    from tags.models import Tag

    tags_assign(ids=_ids(count), tags=list(Tag.objects.all()), actor=SCREEN)


def _remove(count: int) -> None:
    from tags.models import Tag

    tags_remove(ids=_ids(count), tags=list(Tag.objects.all()), actor=SCREEN)


def _delete(count: int) -> None:
    contacts_delete(ids=_ids(count), actor=SCREEN)


@pytest.mark.parametrize("act", [_upsert, _patch, _assign, _remove, _delete])
def test_one_contact_takes_as_many_queries_as_many(
    organization: Organization, act: Callable[[int], None]
) -> None:
    make_tag(organization)
    if act is not _upsert:
        _upsert(502)
    counts = []
    for count in (1, 500):
        with CaptureQueriesContext(connection) as queries:
            act(count)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 20


def test_two_organizations_have_the_same_people_apart(organization: Organization) -> None:
    other = make_organization()
    theirs = make_contact(other, email="ana@x.org", external_id="7", city="Rome")
    ours = make_contact(organization, email="ana@x.org", external_id="7", city="Oslo")
    assert ours.pk != theirs.pk
    assert named(upserted(person("ana@x.org", city="Bergen"))) == ["updated"]
    contacts_delete(ids=[ours.pk, theirs.pk], actor=SCREEN)
    with organization_scope(other):
        theirs.refresh_from_db()
        assert (theirs.city, theirs.deleted_at) == ("Rome", None)
        assert ContactHistory.objects.count() == 1


def test_ids_of_another_organization_are_not_found(organization: Organization) -> None:
    other = make_organization()
    theirs = make_contact(other)
    operation = contacts_patch(ids=[theirs.pk], patch={"city": "Oslo"}, actor=SCREEN, label="Move")
    assert operation.summary == {"skipped": 1}
    with pytest.raises(Contact.DoesNotExist):
        updated(theirs, city="Oslo")
    with organization_scope(other):
        theirs.refresh_from_db()
        assert theirs.city is None


def test_an_external_id_that_is_a_contacts_number_is_no_repetition(
    organization: Organization,
) -> None:
    known = make_contact(organization, external_id="A")
    rows: list[tuple[str | None, dict[str, Any]]] = [
        (key, {"external_id": key, "city": "Oslo"}) for key in ("A", str(known.pk))
    ]
    _, written = contacts_upsert(rows=rows, match="external_id", mode="upsert", actor=SCREEN)
    assert [each.outcome for each in written] == ["updated", "created"]


def test_an_address_that_is_also_the_external_id_is_kept_as_both(
    organization: Organization,
) -> None:
    ana = make_contact(organization, email="ana@example.org")
    patch = {
        "email": "ana@example.org",
        "email_key": "ana@example.org",
        "external_id": "ana@example.org",
    }
    contacts_upsert(rows=[("ana@example.org", patch)], match="email", mode="upsert", actor=SCREEN)
    ana.refresh_from_db()
    assert ana.external_id == "ana@example.org"
    patch |= {"email": "ana@home.example", "email_key": "ana@home.example"}
    contacts_upsert(
        rows=[("ana@example.org", patch)], match="external_id", mode="upsert", actor=SCREEN
    )
    ana.refresh_from_db()
    assert ana.email == "ana@home.example"
