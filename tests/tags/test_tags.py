"""Tags: one name whatever its case, exact counts, and putting them on many at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contacts.models import Contact, ContactHistory, ContactOperation
from contacts.services.contacts import contacts_delete
from contacts.services.feed import changes_process
from contacts.services.undo import operation_undo, undo_run
from organizations.models import Organization
from organizations.scope import organization_scope
from organizations.services.leases import lease_take
from tags.models import Tag, TagAssignment
from tags.names import clean_tag_names, tag_key
from tags.selectors.growth import tag_growth
from tags.selectors.tagged import tags_of, with_tag
from tags.services.counting import tag_counts_rebuild
from tags.services.tags import (
    tag_create,
    tag_delete,
    tag_update,
    tags_assign,
    tags_ensure,
    tags_named,
    tags_remove,
)
from tests.factories import SCREEN, make_contact, make_organization, make_tag


def counted() -> dict[int, int]:
    """How many living contacts have each tag."""
    living = Count("assignments", filter=Q(assignments__contact__deleted_at=None))
    return dict(Tag.objects.annotate(found=living).values_list("pk", "found"))


def stored() -> dict[int, int]:
    return dict(Tag.objects.values_list("pk", "contact_count"))


def error_codes(error: ValidationError) -> dict[str, str]:
    return {name: errors[0].code for name, errors in error.error_dict.items()}


# Names


@pytest.mark.parametrize("name", ["VIP", "vip", " Vip ", "vIP"])
def test_a_name_is_one_whatever_its_case(organization: Organization, name: str) -> None:
    tag_create(name="Vip")
    with pytest.raises(ValidationError, match="“Vip”") as caught:
        tag_create(name=name)
    assert error_codes(caught.value) == {"name": "unique"}


def test_the_database_refuses_a_second_tag_too(organization: Organization) -> None:
    tag = tag_create(name="VIP")
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(name="vip", name_key=tag.name_key)


@pytest.mark.parametrize(
    ("one", "other"), [("STRASSE", "straße"), ("Two  words", "two words"), ("ΣΑΣ", "σας")]
)
def test_names_that_are_one(one: str, other: str) -> None:
    assert tag_key(one) == tag_key(other)


def test_accents_tell_names_apart(organization: Organization) -> None:
    assert len(tags_ensure(names=["resume", "résumé"])) == 2


@pytest.mark.parametrize("name", ["", "  ", "a,b", "a;b", "a|b", "x" * 101, "a\0b"])
def test_names_that_are_none(organization: Organization, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        tag_create(name=name)
    assert list(caught.value.error_dict) == ["name"]


def test_renaming_to_another_case_is_fine_and_to_another_tag_is_not(
    organization: Organization,
) -> None:
    vip, friend = tag_create(name="VIP"), tag_create(name="Friend")
    tag_update(tag=vip, name="Vip", color=vip.color, description="Important")
    with pytest.raises(ValidationError, match="“Friend”"):
        tag_update(tag=vip, name="FRIEND", color=vip.color, description="")
    friend.refresh_from_db()
    assert set(Tag.objects.values_list("name", flat=True)) == {"Vip", "Friend"}


def test_the_first_spelling_stays(organization: Organization) -> None:
    tags_ensure(names=["VIP", "vip"])
    assert [tag.name for tag in tags_ensure(names=["Vip", "New"]).values()] == ["VIP", "New"]


def test_organizations_have_tags_of_their_own(organization: Organization) -> None:
    other = make_organization()
    assert make_tag(other, "VIP").pk != make_tag(organization, "VIP").pk


def test_unknown_names_are_told_by_place(organization: Organization) -> None:
    make_tag(organization, "VIP")
    with pytest.raises(ValidationError) as caught:
        tags_named(names=["vip", "Nobody"])
    assert list(caught.value.error_dict) == ["tags.1"]


def test_a_cell_of_names() -> None:
    assert clean_tag_names(' VIP, vip ;"Two  words"|x') == ["VIP", "Two words", "x"]


# Putting on and taking off


def test_assigning_leaves_those_who_have_it(organization: Organization) -> None:
    vip = make_tag(organization, "VIP")
    ana, bob = make_contact(organization, tags=["VIP"]), make_contact(organization)
    since = TagAssignment.objects.get().assigned_at
    operation = tags_assign(ids=[ana.pk, bob.pk], tags=[vip], actor=SCREEN)
    assert operation.summary == {"unchanged": 1, "updated": 1}
    assert TagAssignment.objects.get(contact=ana).assigned_at == since
    assert TagAssignment.objects.get(contact=bob).source == "screen"
    history = ContactHistory.objects.get(contact_id=bob.pk, change_type="updated")
    key = f"tag:{vip.pk}"
    assert (history.old_value, history.new_value) == ({key: None}, {key: True})


def test_removing_takes_off_only_what_is_there(organization: Organization) -> None:
    vip, friend = make_tag(organization, "VIP"), make_tag(organization, "Friend")
    ana, bob = make_contact(organization, tags=["VIP", "Friend"]), make_contact(organization)
    operation = tags_remove(ids=[ana.pk, bob.pk], tags=[vip], actor=SCREEN)
    assert operation.summary == {"unchanged": 1, "updated": 1}
    assert tags_of([ana.pk, bob.pk]) == {ana.pk: [friend]}


def test_ensuring_takes_as_many_queries_for_many(organization: Organization) -> None:
    with CaptureQueriesContext(connection) as one:
        tags_ensure(names=["a"])
    with CaptureQueriesContext(connection) as many:
        tags_ensure(names=[f"tag {n}" for n in range(200)])
    assert len(one) == len(many)


def test_contacts_are_listed_by_tag(organization: Organization) -> None:
    ana = make_contact(organization, tags=["VIP", "Friend"])
    bob = make_contact(organization, tags=["VIP"])
    friend = Tag.objects.get(name="Friend")
    assert set(with_tag(Contact.objects.all(), "vip")) == {ana, bob}
    assert set(with_tag(Contact.objects.all(), f"VIP,{friend.pk}")) == {ana}
    assert set(with_tag(Contact.objects.all(), "Nobody")) == set()


def test_deleting_a_tag_takes_it_off_everybody_and_says_so(organization: Organization) -> None:
    make_contact(organization, tags=["VIP", "Friend"])
    gone = make_contact(organization, tags=["VIP"])
    contacts_delete(ids=[gone.pk], actor=SCREEN)
    vip = Tag.objects.get(name="VIP")
    operation = tag_delete(tag=vip, actor=SCREEN)
    assert operation.summary == {"updated": 2}
    assert list(Tag.objects.values_list("name", flat=True)) == ["Friend"]
    assert TagAssignment.objects.count() == 1
    assert ContactHistory.objects.filter(operation=operation).count() == 2
    changes_process(organization_id=organization.pk)
    assert stored() == counted()


def test_what_stood_on_a_deleted_tag_can_still_be_undone(organization: Organization) -> None:
    """The tag itself is gone; what else the operation did comes back, and nothing breaks."""
    ana = make_contact(organization)
    vip = make_tag(organization, "VIP")
    tagging = tags_assign(ids=[ana.pk], tags=[vip], actor=SCREEN)
    deletion = tag_delete(tag=vip, actor=SCREEN)
    for operation in (tagging, deletion):
        undo(operation)
    assert not TagAssignment.objects.exists()


def test_growth_counts_those_who_have_it_by_day(organization: Organization) -> None:
    vip = make_tag(organization, "VIP")
    people = [make_contact(organization, tags=["VIP"]) for _ in range(5)]
    now = timezone.now()
    for person, days in zip(people, [0, 0, 3, 40, 400], strict=True):
        assignments = TagAssignment.objects.filter(contact=person)
        assignments.update(assigned_at=now - timedelta(days=days))
    contacts_delete(ids=[people[1].pk], actor=SCREEN)
    growth = tag_growth(tag=vip, days=30)
    assert len(growth) == 30
    assert growth[-1] == (now.date(), 4)
    assert [count for _, count in growth] == [2] * 26 + [3] * 3 + [4]


# Counts


def undo(operation: ContactOperation) -> ContactOperation | None:
    try:
        started = operation_undo(operation=operation, actor=SCREEN)
    except ValidationError:
        return None
    lease = lease_take(work=started)
    assert lease is not None
    undo_run(started, lease=lease)
    return started


PICKS = st.lists(st.integers(0, 20), min_size=1, max_size=4)


class Counting(RuleBasedStateMachine):
    """Contacts and tags in an organization of its own; the feed is worked off at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.organization = make_organization()
        self.scope = organization_scope(self.organization)
        self.scope.__enter__()
        self.tags = [make_tag(self.organization, name) for name in ("one", "two")]
        tagged = [["one"], ["one", "two"], []]
        self.people = [make_contact(self.organization, tags=names).pk for names in tagged]
        self.operations: list[Any] = []

    def teardown(self) -> None:
        self.process()
        changed = tag_counts_rebuild()
        self.scope.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        assert changed == 0

    def done(self, operation: ContactOperation) -> None:
        """An operation that changed nobody is none."""
        if operation.pk is not None:
            self.operations.append(operation)

    def some(self, picks: list[int]) -> list[int]:
        return sorted({self.people[pick % len(self.people)] for pick in picks})

    @rule(picks=PICKS, tags=st.sampled_from([[0], [1], [0, 1]]))
    def assign(self, picks: list[int], tags: list[int]) -> None:
        chosen = [self.tags[n] for n in tags]
        self.done(tags_assign(ids=self.some(picks), tags=chosen, actor=SCREEN))

    @rule(picks=PICKS, tags=st.sampled_from([[0], [1], [0, 1]]))
    def remove(self, picks: list[int], tags: list[int]) -> None:
        chosen = [self.tags[n] for n in tags]
        self.done(tags_remove(ids=self.some(picks), tags=chosen, actor=SCREEN))

    @rule(names=st.sampled_from([[], ["one"], ["one", "two"]]))
    def create(self, names: list[str]) -> None:
        self.people.append(make_contact(self.organization, tags=names).pk)
        self.operations.append(ContactOperation.objects.latest("pk"))

    @rule(picks=PICKS)
    def delete(self, picks: list[int]) -> None:
        self.done(contacts_delete(ids=self.some(picks), actor=SCREEN))

    @rule(back=st.integers(1, 2))
    def take_back(self, back: int) -> None:
        self.take_back_any(back)

    @rule(back=st.integers(1, 6))
    def take_back_any(self, back: int) -> None:
        if len(self.operations) >= back and (done := undo(self.operations[-back])):
            self.done(done)

    @rule(is_meant=st.integers(0, 4))
    def delete_tag(self, is_meant: int) -> None:
        if is_meant:
            return
        self.done(tag_delete(tag=self.tags[1], actor=SCREEN))
        self.tags[1] = tags_ensure(names=["two"])["two"]

    @rule()
    def process(self) -> None:
        changes_process(organization_id=self.organization.pk)
        assert stored() == counted()


@pytest.mark.django_db
def test_counts_are_exact_whatever_happens() -> None:
    run_state_machine_as_test(
        Counting,
        settings=settings(
            max_examples=30,
            stateful_step_count=12,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_rebuild_corrects_a_wrong_count(organization: Organization) -> None:
    make_contact(organization, tags=["VIP"])
    make_tag(organization, "Nobody")
    Tag.objects.update(contact_count=7)
    assert tag_counts_rebuild() == 2
    assert stored() == counted()
    assert tag_counts_rebuild() == 0
