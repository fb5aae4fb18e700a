"""Custom fields that are indexed: who has a slot, what is in it, and when rules may read it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.jobs import run_slot_job
from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    CustomFieldDefinition,
    SlotJob,
    SlotJobStatus,
)
from contacts.models.contact import SLOTS
from contacts.patches import patch_maker
from contacts.rules.compiler import contacts_of
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from contacts.services import slots
from contacts.services.bulk import bulk_edit_run, bulk_edit_start
from contacts.services.contacts import contact_update, contacts_delete, contacts_upsert
from contacts.services.custom_fields import (
    custom_field_create,
    custom_field_delete,
    custom_field_update,
)
from contacts.services.slots import slot_free, slot_give
from contacts.slots import TEXT_LENGTH, slot_of, slot_sql, slot_tells, slot_text
from organizations.models import Organization
from organizations.scope import organization_scope
from organizations.services.leases import LeaseLost, lease_take, leases_sweep
from tests.factories import (
    SCREEN,
    imported,
    make_contact,
    make_custom_field,
    make_import,
    make_organization,
    undone,
)
from tests.nursery import running_nursery
from tests.waiting import await_
from tests.work import run_queued_jobs

VALUES: dict[str, list[Any]] = {
    "number": [31, 2.5, -1, 0],
    "text": ["Oslo", "STRASSE", "ﬁne " * 100, "ς"],
    "choice": ["Red", "Blue"],
    "url": ["https://x.org/A", "https://x.org/b"],
    "date": ["2026-03-01", "0001-01-01"],
    "datetime": ["2026-03-01T12:00:00+02:00", "9999-12-31T23:59:59+00:00"],
}


def indexed(organization: Organization, key: str, type: str) -> CustomFieldDefinition:
    choices = VALUES["choice"] if type == "choice" else []
    return make_custom_field(organization, key, type, choices=choices, is_indexed=True)


def expected(type: str, value: Any) -> Any:
    """What a slot has to hold, worked out without PostgreSQL."""
    if value is None:
        return None
    if type == "number":
        return Decimal(str(value))
    if type in ("date", "datetime"):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value.casefold()[:200]


def assert_slots_hold_values(organization: Organization) -> None:
    """Of every contact, the deleted ones too, and every slot: those that nobody has are empty."""
    with organization_scope(organization):
        fields = {each.slot: each for each in CustomFieldDefinition.objects.filter(is_indexed=True)}
        for contact in Contact.with_deleted.all():
            for slot in SLOTS:
                field = fields.get(slot)
                value = field and expected(field.type, contact.custom_fields.get(field.key))
                assert getattr(contact, slot) == value, (contact, slot)


def filled(definition: CustomFieldDefinition) -> CustomFieldDefinition:
    """The field, with all that waits for its slot done in this process."""
    job = SlotJob.objects.get(definition=definition)
    run_slot_job(organization_id=job.organization_id, slot_job_id=job.pk)
    definition.refresh_from_db()
    return definition


# Who has a slot


def test_a_field_that_is_indexed_has_a_slot_at_once(organization: Organization) -> None:
    age = make_custom_field(organization, "age", "number")
    assert (age.is_indexed, age.slot) == (False, None)
    custom_field_update(definition=age, label="Age", is_indexed=True)
    size = indexed(organization, "size", "number")
    city = indexed(organization, "town", "text")
    assert [each.slot for each in (age, size, city)] == ["number_1", "number_2", "text_1"]
    assert all(each.is_indexed for each in CustomFieldDefinition.objects.all())


def test_what_is_indexed_stays_as_it_is_unless_that_is_said(organization: Organization) -> None:
    age = filled(indexed(organization, "age", "number"))
    custom_field_update(definition=age, label="Years")
    age.refresh_from_db()
    assert (age.label, age.slot, slot_of(age)) == ("Years", "number_1", "number_1")
    custom_field_update(definition=age, label="Years", is_indexed=True)
    assert SlotJob.objects.get().status == SlotJobStatus.DONE


def test_the_job_is_not_undone_by_who_renames_the_field_meanwhile(
    organization: Organization,
) -> None:
    age = indexed(organization, "age", "number")
    before = CustomFieldDefinition.objects.get(pk=age.pk)
    filled(age)
    custom_field_update(definition=before, label="Years")
    age.refresh_from_db()
    assert slot_of(age) == "number_1"


def test_a_fifth_field_of_a_kind_is_refused_and_works_without(organization: Organization) -> None:
    for type in ("text", "choice", "url", "text"):
        indexed(organization, f"f{CustomFieldDefinition.objects.count()}", type)
    for type in ("number", "date", "datetime"):
        assert indexed(organization, f"f_{type}", type).slot
    with pytest.raises(ValidationError, match="F0, F1, F2, F3") as refusal:
        indexed(organization, "fifth", "text")
    assert set(refusal.value.error_dict) == {"is_indexed"}
    fifth = make_custom_field(organization, "fifth", "text")
    with pytest.raises(ValidationError, match="Four fields"):
        custom_field_update(definition=fifth, label="Other", is_indexed=True)
    fifth.refresh_from_db()
    assert (fifth.label, fifth.is_indexed, fifth.slot) == ("Fifth", False, None)
    assert make_contact(organization, custom_fields={"fifth": "x"}).custom_fields == {"fifth": "x"}


@pytest.mark.parametrize("type", ["boolean", "multi_choice"])
def test_what_has_no_single_telling_value_is_refused(organization: Organization, type: str) -> None:
    with pytest.raises(ValidationError, match="not indexed"):
        custom_field_create(key="x", type=type, choices=["a"], is_indexed=True)
    assert not CustomFieldDefinition.objects.exists()


def test_each_organization_has_slots_of_its_own(organization: Organization) -> None:
    other = make_organization()
    for number in range(4):
        indexed(other, f"f{number}", "number")
    bob = make_contact(other, custom_fields={"f0": 7})
    age = filled(indexed(organization, "age", "number"))
    custom_field_delete(definition=age)
    assert SlotJob.objects.get().definition is None
    run_slot_job(organization_id=organization.pk, slot_job_id=SlotJob.objects.get().pk)
    assert Contact.unscoped.get(pk=bob.pk).number_1 == 7
    assert_slots_hold_values(other)


# What is in it


def test_a_wanted_text_is_folded_as_slots_are(organization: Organization) -> None:
    assert slot_text("  STRASSE ") == slot_text("Straße") == "strasse"
    assert slot_text("A\u030a") == slot_text("å") == "å"
    assert slot_tells("x" * (TEXT_LENGTH - 1))
    assert not slot_tells("x" * TEXT_LENGTH)
    # It is what it folds to that is cut.
    assert not slot_tells("ﬃ" * 67)
    assert slot_text("ﬃ" * 100) == ("ffi" * 67)[:TEXT_LENGTH]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0")))
def test_postgresql_and_python_fold_alike(db: None, text: str) -> None:
    text = (slot_text(text) or "x") * 3
    with connection.cursor() as cursor:
        sql = slot_sql("text_1", document="jsonb_build_object('x', %(text)s::text)", key="'x'")
        cursor.execute(f"select {sql}", {"text": text})
        assert cursor.fetchone()[0] == text.casefold()[:TEXT_LENGTH]


@pytest.mark.parametrize(
    ("type", "left"),
    [("number", "old"), ("text", 5), ("date", "tomorrow"), ("datetime", "2026-99-99"), ("date", 5)],
)
def test_what_an_earlier_field_left_is_not_in_the_slot_and_hinders_nobody(
    organization: Organization, type: str, left: Any
) -> None:
    ana = make_contact(organization)
    Contact.objects.filter(pk=ana.pk).update(custom_fields={"x": left})
    CustomFieldDefinition.objects.bulk_create([CustomFieldDefinition(key="x", type=type)])
    definition = CustomFieldDefinition.objects.get()
    slot_give(definition=definition)
    filled(definition)
    patch = patch_maker().make({"city": "Oslo"})
    assert getattr(contact_update(contact=ana, patch=patch, actor=SCREEN), definition.slot) is None


@pytest.mark.parametrize("type", VALUES)
def test_every_way_of_writing_fills_the_slot(organization: Organization, type: str) -> None:
    indexed(organization, "x", type)
    first, *_, last = values = VALUES[type]
    maker = patch_maker()
    patches = [maker.make({}, {"x": value}) for value in values]
    people = [make_contact(organization, custom_fields={"x": value}) for value in values]
    assert_slots_hold_values(organization)
    contacts_upsert(
        rows=[(f"new{n}@x.org", patch) for n, patch in enumerate(patches)],
        match="email",
        mode="upsert",
        actor=SCREEN,
    )
    contact_update(contact=people[0], patch=patches[-1], actor=SCREEN)
    assert_slots_hold_values(organization)
    bulk = bulk_edit_start(
        selection={"ids": [each.pk for each in people]}, patch=patches[0], actor=SCREEN, label=""
    )
    lease = lease_take(work=bulk)
    assert lease
    assert bulk_edit_run(bulk, lease=lease)
    assert_slots_hold_values(organization)
    undo = undone(bulk)
    assert_slots_hold_values(organization)
    undone(undo)
    deletion = contacts_delete(ids=[people[0].pk], actor=SCREEN)
    undone(deletion)
    assert_slots_hold_values(organization)
    columns = [{"index": 0, "target": "email"}, {"index": 1, "target": "custom:x"}]
    text = f'email,x\na@x.org,"{first}"\nb@x.org,"{last}"\n'
    job = imported(make_import(organization, text, columns=columns))
    assert_slots_hold_values(organization)
    assert job.operation
    undone(job.operation)
    assert_slots_hold_values(organization)
    assert Contact.objects.exclude(custom_fields={}).exists()


# Filling and clearing


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "BATCH", 2)


def crowd(organization: Organization, key: str = "age") -> list[Contact]:
    """Some with a value, some without, one deleted."""
    people = [
        make_contact(organization, custom_fields={key: number} if number % 3 else {})
        for number in range(7)
    ]
    contacts_delete(ids=[people[1].pk], actor=SCREEN)
    return people


def traces() -> tuple[Any, ...]:
    moments = list(Contact.with_deleted.order_by("pk").values_list("updated_at", flat=True))
    return ContactHistory.objects.count(), ContactChange.objects.count(), moments


def test_the_values_of_those_who_were_there_are_filled_in_and_nothing_else_changes(
    organization: Organization, small_steps: None
) -> None:
    age = make_custom_field(organization, "age", "number")
    crowd(organization)
    before = traces()
    custom_field_update(definition=age, label="Age", is_indexed=True)
    assert slot_of(age) is None
    assert slot_of(filled(age)) == "number_1"
    assert_slots_hold_values(organization)
    assert Contact.with_deleted.exclude(number_1=None).count() == 4
    assert traces() == before
    job = SlotJob.objects.get()
    assert (job.status, job.progress_done, job.progress_total) == ("done", 7, 7)


def test_a_slot_is_ready_when_it_is_full_and_not_before(
    organization: Organization, small_steps: None
) -> None:
    age = make_custom_field(organization, "age", "number")
    crowd(organization)
    slot_give(definition=age)
    for _ in steps(SlotJob.objects.get()):
        age.refresh_from_db()
        if slot_of(age) is None:
            continue
        assert_slots_hold_values(organization)
        return
    pytest.fail("It was never ready.")


def steps(job: SlotJob) -> Iterator[None]:
    """The work, a step at a time."""
    lease = lease_take(work=job)
    assert lease
    while not slots._step(job, lease):
        yield
    yield


@pytest.mark.parametrize("done", range(1, 6))
def test_who_dies_while_filling_leaves_what_another_finishes(
    organization: Organization, small_steps: None, done: int
) -> None:
    age = make_custom_field(organization, "age", "number")
    people = crowd(organization)
    slot_give(definition=age)
    for number, _ in enumerate(steps(SlotJob.objects.get()), 1):
        if number == done:
            break
    # Meanwhile people in front of the cursor, behind it and new ones get other values.
    for person in (people[0], people[-1]):
        patch = patch_maker().make({}, {"age": 99})
        contact_update(contact=person, patch=patch, actor=SCREEN)
    make_contact(organization, custom_fields={"age": 98})
    SlotJob.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert leases_sweep() == 1
    assert slot_of(filled(age)) == "number_1"
    assert_slots_hold_values(organization)


def test_two_fields_are_filled_side_by_side(organization: Organization, small_steps: None) -> None:
    fields = [make_custom_field(organization, key, "number") for key in ("age", "size")]
    for number in range(5):
        make_contact(organization, custom_fields={"age": number, "size": -number})
    for each in fields:
        slot_give(definition=each)
    both = [steps(SlotJob.objects.get(definition=each)) for each in fields]
    for _ in zip(*both, strict=True):
        pass
    assert {slot_of(CustomFieldDefinition.objects.get(pk=each.pk)) for each in fields} == {
        "number_1",
        "number_2",
    }
    assert_slots_hold_values(organization)


def test_a_slot_is_cleared_when_its_field_is_no_longer_indexed(
    organization: Organization, small_steps: None
) -> None:
    age = filled(indexed(organization, "age", "number"))
    crowd(organization)
    slot_free(definition=age)
    assert (age.is_indexed, age.slot, slot_of(age)) == (False, None, None)
    job = SlotJob.objects.get()
    run_slot_job(organization_id=organization.pk, slot_job_id=job.pk)
    assert not Contact.with_deleted.exclude(number_1=None).exists()
    assert Contact.objects.filter(custom_fields__age=5).exists()


def test_two_who_delete_a_field_at_once_both_have_it_deleted(organization: Organization) -> None:
    age = indexed(organization, "age", "number")
    same = CustomFieldDefinition.objects.get()
    custom_field_delete(definition=age)
    custom_field_delete(definition=same)
    assert not CustomFieldDefinition.objects.exists()


def test_a_clean_slot_is_given_before_one_that_is_being_cleared(organization: Organization) -> None:
    age = filled(indexed(organization, "age", "number"))
    custom_field_delete(definition=age)
    assert indexed(organization, "size", "number").slot == "number_2"
    run_slot_job(
        organization_id=organization.pk, slot_job_id=SlotJob.objects.get(slot="number_1").pk
    )
    assert indexed(organization, "shoes", "number").slot == "number_1"


def test_the_last_slot_changes_hands_without_leaving_anything(
    organization: Organization, small_steps: None
) -> None:
    first, *_ = [filled(indexed(organization, f"f{number}", "number")) for number in range(4)]
    crowd(organization, "f0")
    make_custom_field(organization, "late", "number")
    make_contact(organization, custom_fields={"f0": 1, "late": 2})
    slot_free(definition=first)
    clearing = SlotJob.objects.get(slot="number_1")
    lease = lease_take(work=clearing)
    assert lease
    slots._step(clearing, lease)
    late = CustomFieldDefinition.objects.get(key="late")
    slot_give(definition=late)
    assert (late.slot, slot_of(late)) == ("number_1", None)
    with pytest.raises(LeaseLost):
        slots._step(clearing, lease)
    filled(late)
    assert_slots_hold_values(organization)


def test_a_filling_that_is_called_off_commits_nothing_more(
    organization: Organization, small_steps: None
) -> None:
    age = make_custom_field(organization, "age", "number")
    crowd(organization)
    slot_give(definition=age)
    filling = SlotJob.objects.get()
    lease = lease_take(work=filling)
    assert lease
    slots._step(filling, lease)
    custom_field_delete(definition=age)
    with pytest.raises(LeaseLost):
        slots._step(filling, lease)
    assert not Contact.with_deleted.exclude(number_1=None).exists()


# Many


PEOPLE = 200_000


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_is_killed_while_it_fills_and_the_index_is_used() -> None:
    organization = make_organization()
    with organization_scope(organization):
        age = make_custom_field(organization, "age", "number")
        insert_people(organization)
        with running_nursery("default") as nursery:
            workers = [nursery.start_worker()]
            slot_give(definition=age)
            for share in (0.2, 0.5):
                await_(lambda share=share: seen() >= share * PEOPLE, "the filling")
                await_(workers[-1].horses, "its work-horse", nursery.output)
                assert workers[-1].kill() == 2
                assert slot_of(CustomFieldDefinition.objects.get()) is None
                SlotJob.objects.update(lease_expires_at=timezone.now())
                workers.append(nursery.start_worker())
                leases_sweep()
            await_(lambda: SlotJob.objects.get().status == "done", "its end", nursery.output)
        wrong = "number_1 is distinct from (custom_fields -> 'age')::numeric"
        assert not Contact.with_deleted.extra(where=[wrong]).exists()
        assert slot_of(CustomFieldDefinition.objects.get()) == "number_1"
        assert seen() == SlotJob.objects.get().progress_total == PEOPLE
        assert_indexes_are_used()
        assert_rules_use_indexes()
    run_queued_jobs()


def seen() -> int:
    return SlotJob.objects.get().progress_done


def insert_people(organization: Organization) -> None:
    """One in five has an age, of whom one in a hundred is older than 30. The slots of no field yet say who they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into contacts (organization_id, kind, is_active, is_subscribed, custom_fields, text_1, time_1,
              created_at, updated_at)
            select %s, 'person', true, true,
              case when n %% 5 = 0 then jsonb_build_object('age', n %% 3000 / 99.0) else '{}' end,
              'person ' || n, timestamptz '2020-01-01' + n * interval '1 minute', now(), now()
            from generate_series(1, %s) n
            """,
            [organization.pk, PEOPLE],
        )
        cursor.execute("analyze contacts")


def assert_indexes_are_used() -> None:
    asked: dict[str, dict[str, Any]] = {
        "number_1": {"number_1__gt": 30},
        "text_1": {"text_1": "person 7"},
        "time_1": {"time_1__lt": datetime(2020, 1, 2, tzinfo=UTC)},
    }
    for slot, condition in asked.items():
        found = Contact.objects.filter(**condition)
        assert f"contact_{slot}_idx" in found.explain(), found.explain()
        assert found.exists()
    beginning = Contact.objects.extra(where=["starts_with(text_1, 'person 19999')"])
    assert "contact_text_1_idx" in beginning.explain(), beginning.explain()
    assert beginning.count() == 11


def assert_rules_use_indexes() -> None:
    """A rule on the field reads its slot."""
    world = World(timezone.now())
    rule = {"type": "custom_field", "field": "age", "operator": "lt", "value": 1}
    found = contacts_of(rule_read(rule, world=world), world)
    assert "contact_number_1_idx" in found.explain(), found.explain()
    assert found.count() == Contact.objects.filter(custom_fields__age__lt=1).count()
