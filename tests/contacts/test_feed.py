"""Handing changes to subscribers: all of them, once, in order, whatever fails."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import django_rq
import pytest
from django.db import connection, connections, transaction

from contacts import changes as registry
from contacts.changes import Change, Handler, is_heard, subscribe
from contacts.models import Contact, ContactChange
from contacts.services import feed
from contacts.services.feed import (
    MAX_FAILURES,
    changes_process,
    changes_retry,
    changes_sweep,
)
from contacts.services.waking import flag_name, take_flag_down, wake
from organizations.locks import LockSpace
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from tests.factories import make_contact, make_organization


@pytest.fixture
def handlers() -> Iterator[list[object]]:
    """The subscribed handlers: none at first, and the product's own afterwards."""
    kept = list(registry._handlers)
    registry._handlers.clear()
    yield registry._handlers  # type: ignore[misc]
    registry._handlers[:] = kept


@pytest.fixture
def seen(handlers: list[object]) -> list[Change]:
    """Everything that was handed over."""
    delivered: list[Change] = []
    subscribe(delivered.extend, kinds=[""])
    return delivered


def announce(*kinds: str, contact_id: int = 1) -> list[int]:
    rows = [ContactChange(contact_id=contact_id, kind=kind) for kind in kinds]
    return [row.pk for row in ContactChange.objects.bulk_create(rows)]


def process(organization: Organization, **options: float) -> int:
    return changes_process(organization_id=organization.pk, **options)


def raising_on(*bad: str) -> Handler:
    def handler(changes: Sequence[Change]) -> None:
        if broken := [change.kind for change in changes if change.kind in bad]:
            raise ValueError(f"I can't take {broken}")

    return handler


def kinds(changes: Sequence[Change]) -> list[str]:
    return [change.kind for change in changes]


def queued() -> int:
    return len(django_rq.get_queue("changes"))


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    """A block that ends as a transaction does that commits (django-rq queues then, too)."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_changes_come_once_and_in_order(organization: Organization, seen: list[Change]) -> None:
    ids = announce(*(f"attribute:{n}" for n in range(20)))
    assert process(organization) == 20
    assert [change.id for change in seen] == ids
    assert not ContactChange.objects.exists()
    assert process(organization) == 0
    assert len(seen) == 20


def test_order_holds_across_batches(
    organization: Organization, seen: list[Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BATCH", 3)
    ids = announce(*("created" for _ in range(10)))
    assert process(organization) == 10
    assert [change.id for change in seen] == ids


def test_handlers_get_no_kinds_that_they_left_out(
    organization: Organization, handlers: list[object]
) -> None:
    found: list[Change] = []
    subscribe(found.extend, kinds=[""], but=["joined", "left"])
    announce("joined", "attribute:city", "left")
    process(organization)
    assert [change.kind for change in found] == ["attribute:city"]
    assert (is_heard("attribute:city"), is_heard("joined")) == (True, False)


def test_handlers_get_the_kinds_that_they_asked_for(
    organization: Organization, handlers: list[object]
) -> None:
    tags: list[Change] = []
    fields: list[Change] = []
    subscribe(tags.extend, kinds=["tag_"])
    subscribe(fields.extend, kinds=["custom:", "attribute:city"])
    announce("tag_added", "custom:age", "attribute:city", "attribute:email", "tag_removed")
    process(organization)
    assert kinds(tags) == ["tag_added", "tag_removed"]
    assert kinds(fields) == ["custom:age", "attribute:city"]


def test_a_write_announces_what_it_did(organization: Organization, seen: list[Change]) -> None:
    ana = make_contact(organization, tags=["VIP"])
    process(organization)
    assert {(each.contact_id, each.kind) for each in seen} == {
        (ana.pk, "created"),
        (ana.pk, "tag_added"),
    }


def test_other_organizations_changes_wait(organization: Organization, seen: list[Change]) -> None:
    other = make_organization()
    with organization_scope(other):
        announce("created")
    assert process(organization) == 0
    with organization_scope(other):
        assert ContactChange.objects.count() == 1
        assert process(other) == 1


def test_what_a_handler_wrote_goes_with_its_batch(
    organization: Organization, handlers: list[object]
) -> None:
    """The writes of a batch that raised are gone, and its changes are there still."""
    ana = make_contact(organization, city="Oslo")
    ContactChange.objects.all().delete()

    def writes(changes: Sequence[Change]) -> None:
        for change in changes:
            ContactChange.objects.create(contact_id=ana.pk, kind=f"from:{change.kind}")

    subscribe(writes, kinds=["attribute:"])
    subscribe(raising_on("attribute:bad"), kinds=["attribute:"])
    announce("attribute:good", "attribute:bad")
    process(organization)
    left = kinds_in_database()
    assert left.count("attribute:bad") == 1
    assert "from:attribute:bad" not in left
    assert "attribute:good" not in left


def kinds_in_database() -> list[str]:
    return list(ContactChange.objects.order_by("pk").values_list("kind", flat=True))


def test_a_bad_change_stops_no_other(
    organization: Organization, handlers: list[object], seen: list[Change]
) -> None:
    subscribe(raising_on("poison"), kinds=[""])
    announce(*("created" for _ in range(9)), "poison", *("deleted" for _ in range(7)))
    process(organization)
    delivered = [change.id for change in seen if change.kind != "poison"]
    assert kinds_in_database() == ["poison"]
    assert set(delivered) == {change.id for change in seen} - set(
        ContactChange.objects.values_list("pk", flat=True)
    )
    poison = ContactChange.objects.get()
    assert (poison.failures, poison.set_aside_at) == (1, None)
    assert "I can't take ['poison']" in poison.error


def test_what_is_good_beside_a_bad_change_is_written_once(
    organization: Organization, handlers: list[object]
) -> None:
    """Handlers' writes in tables stand once, however often a batch was halved."""
    people = [make_contact(organization) for _ in range(9)]
    ContactChange.objects.all().delete()

    def count(changes: Sequence[Change]) -> None:
        for change in changes:
            person = Contact.objects.get(pk=change.contact_id)
            Contact.objects.filter(pk=person.pk).update(number_1=(person.number_1 or 0) + 1)

    subscribe(count, kinds=[""])
    subscribe(raising_on("poison"), kinds=[""])
    for person in people:
        announce("poison" if person is people[3] else "created", contact_id=person.pk)
    process(organization)
    counted = list(Contact.objects.order_by("pk").values_list("number_1", flat=True))
    assert counted == [1, 1, 1, None, 1, 1, 1, 1, 1]


def test_a_change_that_fails_five_times_is_set_aside_and_can_be_retried(
    organization: Organization, handlers: list[object]
) -> None:
    subscribe(raising_on("poison"), kinds=[""])
    (poison,) = announce("poison")
    for _ in range(MAX_FAILURES):
        assert ContactChange.objects.get().set_aside_at is None
        process(organization)
    row = ContactChange.objects.get()
    assert (row.failures, row.set_aside_at is None) == (MAX_FAILURES, False)
    assert process(organization) == 0
    assert changes_sweep() == 0
    handlers.clear()
    good: list[Change] = []
    subscribe(good.extend, kinds=[""])
    assert changes_retry(ids=[poison]) == 1
    assert changes_retry(ids=[poison]) == 0
    assert process(organization) == 1
    assert kinds(good) == ["poison"]
    assert not ContactChange.objects.exists()


def test_an_error_of_the_database_spoils_only_its_change(
    organization: Organization, handlers: list[object], seen: list[Change]
) -> None:
    def broken(changes: Sequence[Change]) -> None:
        if "poison" in kinds(changes):
            with connection.cursor() as cursor:
                cursor.execute("select 1 / 0")

    subscribe(broken, kinds=[""])
    announce("created", "poison", "deleted")
    process(organization)
    assert kinds_in_database() == ["poison"]


def test_the_flag_is_raised_once_and_taken_down_before_reading(
    organization: Organization, handlers: list[object], committed: Callable[[], Any]
) -> None:
    with committed():
        wake(organization.pk)
        wake(organization.pk)
    assert queued() == 1
    assert 0 < redis_connection().ttl(flag_name(organization.pk)) <= 60
    flags: list[int] = []
    subscribe(
        lambda _: flags.append(redis_connection().exists(flag_name(organization.pk))), kinds=[""]
    )
    announce("created")
    process(organization)
    assert flags == [0]
    with committed():
        wake(organization.pk)
    assert queued() == 2


def test_writing_wakes_after_the_commit_and_not_before(
    organization: Organization, committed: Callable[[], Any]
) -> None:
    with committed():
        make_contact(organization)
        assert queued() == 0
    assert queued() == 1


def test_a_write_that_is_rolled_back_wakes_nobody(
    organization: Organization, committed: Callable[[], Any]
) -> None:
    with committed(), transaction.atomic():
        make_contact(organization)
        transaction.set_rollback(True)
    assert queued() == 0


def test_the_sweep_wakes_what_a_crash_left(
    organization: Organization, seen: list[Change], committed: Callable[[], Any]
) -> None:
    other = make_organization()
    announce("created", "deleted")
    with organization_scope(other):
        announce("created")
    with committed():
        assert changes_sweep() == 2
    assert queued() == 2
    take_flag_down(organization.pk)
    process(organization)
    assert changes_sweep() == 1


def test_after_its_time_the_rest_is_handed_over(
    organization: Organization,
    seen: list[Change],
    committed: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "BATCH", 3)
    announce(*("created" for _ in range(10)))
    with committed():
        assert process(organization, seconds=0) == 3
    assert queued() == 1
    assert ContactChange.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_a_second_runner_goes_home_at_once(seen: list[Change]) -> None:
    organization, other = make_organization(), make_organization()
    with organization_scope(organization):
        announce("created")
    with organization_scope(other):
        announce("created")
    rival = connections.create_connection("default")
    try:
        with rival.cursor() as cursor:
            cursor.execute("begin")
            key = [int(LockSpace.CHANGES), organization.pk]
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", key)
            with organization_scope(organization):
                assert process(organization) == 0
                assert ContactChange.objects.count() == 1
                # Whoever holds the lock looks again: a job that went home wakes none, or they would spin.
                assert queued() == 0
            with organization_scope(other):
                assert process(other) == 1
            cursor.execute("rollback")
    finally:
        rival.close()
    with organization_scope(organization):
        assert process(organization) == 1
    assert len(seen) == 2


@pytest.mark.django_db(transaction=True)
def test_jobs_hand_over_what_people_wrote(seen: list[Change], run_jobs: Callable[[], int]) -> None:
    organization = make_organization()
    make_contact(organization)
    make_contact(organization)
    assert run_jobs() == 1
    assert kinds(seen) == ["created", "created"]
    make_contact(organization)
    assert run_jobs() == 1
    assert len(seen) == 3
