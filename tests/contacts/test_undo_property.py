"""Undo against the rule that DESIGN gives for it, in plain Python: whatever is done, in whatever order.

A key belongs to the operation that wrote it last, not counting undone ones. So what a contact is, is a fold over
the changes that stand; an undo only says which of them do.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contacts.models import Contact, ContactOperation
from contacts.patches import PatchMaker, patch_maker
from contacts.selectors.sources import contact_sources
from contacts.selectors.undo_preview import undo_preview
from contacts.services.bulk import bulk_edit_run, bulk_edit_start
from contacts.services.contacts import (
    contact_create,
    contact_update,
    contacts_delete,
    contacts_patch,
)
from contacts.services.undo import operation_undo, undo_run
from organizations.models import Organization
from organizations.services.leases import lease_take
from tags.models import TagAssignment
from tests.factories import SCREEN, make_custom_field, make_tag

UNIQUE = ("email", "external_id")
BLANK = {
    "email": None,
    "external_id": None,
    "first_name": None,
    "city": None,
    "is_subscribed": True,
    "custom:age": None,
    "custom:word": None,
    "tag:one": None,
    "tag:two": None,
}

# Few values, so that things are changed back, and addresses are somebody else's.
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "email": st.sampled_from([None, "a@x.org", "A@x.org", "b@x.org"]),
    "external_id": st.sampled_from([None, "1"]),
    "first_name": st.sampled_from([None, "Ana", "Bo"]),
    "city": st.sampled_from([None, "Oslo", "Rome"]),
    "is_subscribed": st.booleans(),
    "custom:age": st.sampled_from([None, 1, 2.5]),
    "custom:word": st.sampled_from([None, "x", "y"]),
    "tag:one": st.sampled_from([None, True]),
    "tag:two": st.sampled_from([None, True]),
}
Values = dict[str, Any]
# Mostly few keys, so that operations are about the same ones.
GROUPS = [["city"], ["email"], ["city", "custom:age", "tag:one"], list(VALUES)]
PATCHES = st.one_of(
    [
        st.fixed_dictionaries({}, optional={key: VALUES[key] for key in group}).filter(bool)
        for group in GROUPS
    ]
)
PICKS = st.integers(0, 11)
SEVERAL = st.lists(PICKS, min_size=1, max_size=3)
MOST_PEOPLE = 3


@dataclass
class Write:
    """What one operation did to one person."""

    operation: int
    values: Values
    is_creation: bool = False
    undone_by: int | None = None

    @property
    def stands(self) -> bool:
        return self.undone_by is None


@dataclass
class Person:
    writes: list[Write] = field(default_factory=list)

    def values(self) -> Values:
        """What a creation gave stays as the base of the deleted person that its undo leaves."""
        found = dict(BLANK)
        for write in self.writes:
            if write.stands or write.is_creation:
                found |= {key: value for key, value in write.values.items() if key in BLANK}
        return found

    def is_living(self) -> bool:
        standing = [write for write in self.writes if write.stands]
        is_created = any(write.is_creation for write in standing)
        return is_created and not any(write.values.get("deleted") for write in standing)

    def write_of(self, operation: int) -> Write | None:
        return next((each for each in self.writes if each.operation == operation), None)

    def is_written_since(self, write: Write, keys: Iterable[str] | None = None) -> bool:
        later = self.writes[self.writes.index(write) + 1 :]
        return any(
            each.stands and (keys is None or any(key in each.values for key in keys))
            for each in later
        )


def unique_key(name: str, value: str | None) -> str | None:
    return value.lower() if value and name == "email" else value


def claims(before: Values, was_living: bool, after: Values, will_live: bool) -> set[Any]:
    """The unique keys that a person takes by a change."""
    if not will_live:
        return set()
    return {
        (name, unique_key(name, after[name]))
        for name in UNIQUE
        if after[name] is not None and (not was_living or after[name] != before[name])
    }


@dataclass
class Model:
    """The rule, with people by contact id and operations by their id."""

    people: dict[int, Person] = field(default_factory=dict)

    def living(self) -> list[int]:
        return [pk for pk, person in self.people.items() if person.is_living()]

    def owners(self) -> dict[Any, int]:
        return {
            (name, unique_key(name, self.people[pk].values()[name])): pk
            for pk in self.living()
            for name in UNIQUE
        }

    def takes(self, pk: int | None, wanted: set[Any], taken: set[Any], owners: Any) -> bool:
        """Whether somebody may have what they want; those who come first in a batch, come first."""
        is_free = not (wanted & taken) and all(owners.get(key) in (None, pk) for key in wanted)
        taken |= wanted
        return is_free

    def can_create(self, values: Values) -> bool:
        wanted = claims(BLANK, False, BLANK | values, True)
        return self.takes(None, wanted, set(), self.owners())

    def edit(self, operation: int, pks: Iterable[int], values: Values) -> Counter[str]:
        owners, taken = self.owners(), set()
        outcomes: Counter[str] = Counter()
        for pk in sorted(pks):
            outcomes[self._edit_one(operation, pk, values, owners, taken)] += 1
        return outcomes

    def _edit_one(self, operation: int, pk: int, values: Values, owners: Any, taken: Any) -> str:
        person = self.people[pk]
        if not person.is_living():
            return "skipped"
        before = person.values()
        changed = {key: value for key, value in values.items() if before.get(key) != value}
        will_live = not values.get("deleted")
        if not self.takes(pk, claims(before, True, before | changed, will_live), taken, owners):
            return "failed"
        if changed:
            person.writes.append(Write(operation, changed))
        return "updated" if changed else "unchanged"

    def touched(self, target: int, is_redo: bool) -> dict[int, Write]:
        return {
            pk: write
            for pk, person in sorted(self.people.items())
            for write in person.writes
            if (
                write.undone_by == target if is_redo else write.operation == target and write.stands
            )
        }

    def undo(self, undo: int, target: int, is_redo: bool) -> Counter[str]:
        owners, taken = self.owners(), set()
        buckets: Counter[str] = Counter()
        for pk, write in self.touched(target, is_redo).items():
            mark = None if is_redo else undo
            buckets[self._undo_one(pk, write, mark, owners, taken)] += 1
        return buckets

    def _undo_one(self, pk: int, write: Write, mark: int | None, owners: Any, taken: Any) -> str:
        person = self.people[pk]
        if write.is_creation and mark is not None and person.is_written_since(write):
            return "kept"
        before, was_living, old_mark = person.values(), person.is_living(), write.undone_by
        is_kept = not write.is_creation and person.is_written_since(write, write.values)
        write.undone_by = mark
        wanted = claims(before, was_living, person.values(), person.is_living())
        if not self.takes(pk, wanted, taken, owners):
            write.undone_by = old_mark
            return "blocked"
        return "kept" if is_kept else "reverted"


@dataclass
class World:
    """An organization with two indexed fields and two tags; what an example does in it is rolled back."""

    organization: Organization
    tags: dict[str, int]
    maker: PatchMaker


@pytest.fixture
def world(organization: Organization) -> World:
    make_custom_field(organization, "age", "number", is_indexed=True)
    make_custom_field(organization, "word", "text", is_indexed=True)
    tags = {f"tag:{name}": make_tag(organization, name).pk for name in ("one", "two")}
    return World(organization, tags, patch_maker())


class Undoing(RuleBasedStateMachine):
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.model = Model()
        self.operations: list[ContactOperation] = []
        # By the id of an undo, that of what it took back.
        self.undone: dict[int, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize(values=st.lists(PATCHES, min_size=1, max_size=2))
    def begin(self, values: list[Values]) -> None:
        for each in values:
            self.create(each)

    @precondition(lambda self: len(self.model.people) < MOST_PEOPLE)
    @rule(values=PATCHES)
    def create(self, values: Values) -> None:
        values = {"first_name": "Ana", **{k: v for k, v in values.items() if v is not None}}
        if not self.model.can_create(values):
            with pytest.raises(ValidationError):
                contact_create(patch=self.patch(values), actor=SCREEN)
            return
        contact = contact_create(patch=self.patch(values), actor=SCREEN)
        operation = self.newest()
        write = Write(operation.pk, values, is_creation=True)
        self.model.people[contact.pk] = Person([write])
        self.operations.append(operation)

    @rule(how=st.integers(0, 2), picks=SEVERAL, values=PATCHES)
    def change(self, how: int, picks: list[int], values: Values) -> None:
        """By one of three ways, so that half of all steps are undos."""
        if how == 0:
            self.edit(picks[0], values)
        else:
            (self.edit_several if how == 1 else self.bulk_edit)(picks, values)

    def edit(self, pick: int, values: Values) -> None:
        pk = self.pick(pick)
        before = self.newest()
        expected = self.model.edit(before.pk + 1, [pk], values)
        self.model_edit_is(expected, lambda: self._update(pk, values))
        if expected == {"updated": 1}:
            operation = self.newest()
            self.model.people[pk].writes[-1].operation = operation.pk
            self.operations.append(operation)
        else:
            assert self.newest() == before

    def _update(self, pk: int, values: Values) -> None:
        contact = Contact.with_deleted.get(pk=pk)
        contact_update(contact=contact, patch=self.patch(values), actor=SCREEN)

    def model_edit_is(self, expected: Counter[str], act: Callable[[], None]) -> None:
        refusals = {"failed": ValidationError, "skipped": Contact.DoesNotExist}
        (outcome,) = expected
        if outcome in refusals:
            with pytest.raises(refusals[outcome]):
                act()
        else:
            act()

    def edit_several(self, picks: list[int], values: Values) -> None:
        pks = self.picks(picks)
        operation = contacts_patch(ids=pks, patch=self.patch(values), actor=SCREEN, label="Several")
        self.done(operation, self.model.edit(operation.pk or 0, pks, values))

    def done(self, operation: ContactOperation, expected: Counter[str]) -> None:
        """An operation that changed nobody is none."""
        assert operation.summary == expected
        assert (operation.pk is None) == (not expected["updated"])
        if operation.pk is not None:
            self.operations.append(operation)

    def bulk_edit(self, picks: list[int], values: Values) -> None:
        living = [pk for pk in self.picks(picks) if self.model.people[pk].is_living()]
        operation = bulk_edit_start(
            selection={"ids": living}, patch=self.patch(values), actor=SCREEN, label="Bulk"
        )
        lease = lease_take(work=operation)
        assert lease is not None
        assert bulk_edit_run(operation, lease=lease)
        operation.refresh_from_db()
        assert operation.summary == self.model.edit(operation.pk, living, values)
        self.operations.append(operation)

    @rule(picks=SEVERAL)
    def delete(self, picks: list[int]) -> None:
        pks = self.picks(picks)
        operation = contacts_delete(ids=pks, actor=SCREEN)
        self.done(operation, self.model.edit(operation.pk or 0, pks, {"deleted": True}))

    @precondition(lambda self: self.undoable())
    @rule(pick=PICKS)
    def undo(self, pick: int) -> None:
        """Also of an undo, and of a part that was blocked or kept before."""
        undoable = self.undoable()
        self._undo(undoable[pick % len(undoable)])

    @precondition(lambda self: self.undoable())
    @rule(back=st.integers(1, 2))
    def undo_recent(self, back: int) -> None:
        self._undo(self.undoable()[-back:][0])

    @precondition(lambda self: self.operations)
    @rule(pick=PICKS)
    def undo_whatever(self, pick: int) -> None:
        """Such as what has nothing left to undo."""
        self._undo(self.operations[pick % len(self.operations)])

    def undoable(self) -> list[ContactOperation]:
        return [each for each in self.operations if self.model.touched(*self.meant(each.pk))]

    def meant(self, target: int) -> tuple[int, bool]:
        """What is undone with an operation, and whether that is an undo itself: of one that put another back, that."""
        undone = self.undone.get(target)
        if undone in self.undone:
            return self.undone[undone], False
        return target, undone is not None

    def _undo(self, target: ContactOperation) -> None:
        meant, is_redo = self.meant(target.pk)
        touched = self.model.touched(meant, is_redo)
        if not touched:
            with pytest.raises(ValidationError):
                operation_undo(operation=target, actor=SCREEN)
            return
        predicted = undo_preview(operation=target).counts
        undo = operation_undo(operation=target, actor=SCREEN)
        lease = lease_take(work=undo)
        assert lease is not None
        assert undo_run(undo, lease=lease)
        undo.refresh_from_db()
        assert undo.undoes_id == meant
        expected = self.model.undo(undo.pk, meant, is_redo)
        assert Counter(undo.summary) == Counter(predicted) == expected
        assert expected.total() == len(touched) == undo.progress_total
        self.operations.append(undo)
        self.undone[undo.pk] = meant

    @invariant()
    def people_are_as_the_rule_says(self) -> None:
        assert self.actual() == {
            pk: (person.is_living(), person.values()) for pk, person in self.model.people.items()
        }

    @invariant()
    def slots_hold_what_the_fields_do(self) -> None:
        for row in Contact.with_deleted.values("number_1", "text_1", "custom_fields"):
            values = (row["custom_fields"].get("age"), row["custom_fields"].get("word"))
            assert (row["number_1"], row["text_1"]) == values

    @invariant()
    def sources_gave_the_values_that_are_there(self) -> None:
        keys = [key for key in BLANK if not key.startswith("tag:")]
        for pk, (_, values) in self.actual().items():
            sources = contact_sources(contact_id=pk, keys=keys)
            said = {
                key: each.change.new_value.get(key, BLANK[key]) for key, each in sources.items()
            }
            assert said == {key: values[key] for key in said}
            assert all(values[key] == BLANK[key] for key in keys if key not in said)

    def actual(self) -> dict[int, tuple[bool, Values]]:
        names = {pk: key for key, pk in self.world.tags.items()}
        found: dict[int, tuple[bool, Values]] = {}
        for row in Contact.with_deleted.values():
            values = BLANK | {name: row[name] for name in BLANK if name in row}
            values |= {f"custom:{key}": value for key, value in row["custom_fields"].items()}
            found[row["id"]] = (row["deleted_at"] is None, values)
        for contact_id, tag_id in TagAssignment.objects.values_list("contact_id", "tag_id"):
            found[contact_id][1][names[tag_id]] = True
        return found

    def patch(self, values: Values) -> Values:
        plain = {key: value for key, value in values.items() if ":" not in key}
        custom = {
            key.removeprefix("custom:"): value
            for key, value in values.items()
            if key.startswith("custom:")
        }
        tags = {
            f"tag:{self.world.tags[key]}": value
            for key, value in values.items()
            if key in self.world.tags
        }
        return self.world.maker.make(plain, custom) | tags

    def pick(self, pick: int) -> int:
        return list(self.model.people)[pick % len(self.model.people)]

    def picks(self, picks: list[int]) -> list[int]:
        return sorted({self.pick(pick) for pick in picks})

    def newest(self) -> ContactOperation:
        return ContactOperation.objects.latest("pk")


def test_undo_follows_the_rule_of_ownership(world: World) -> None:
    run_state_machine_as_test(
        type("UndoingInWorld", (Undoing,), {"world": world}),
        settings=settings(
            max_examples=50,
            stateful_step_count=16,
            deadline=None,
            # Shrinking takes minutes: add Phase.shrink where a failure needs it.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
