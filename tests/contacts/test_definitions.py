"""The cache of custom fields: what it spares, and that it never tells what is no longer so."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from redis import Redis

from contacts.jobs import run_slot_job
from contacts.models import CustomFieldDefinition, SlotJob
from contacts.selectors import definitions
from contacts.selectors.definitions import CHANGING, cache_name, custom_field_definitions
from contacts.services.custom_fields import (
    NewField,
    custom_field_create,
    custom_field_delete,
    custom_field_update,
    custom_fields_ensure,
)
from contacts.services.slots import slot_free, slot_give
from contacts.slots import slot_of
from organizations.models import Organization
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from tests.factories import make_contact, make_custom_field, make_organization
from tests.screens import Screens

# The cache is about commits.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home() -> Any:
    organization = make_organization()
    with organization_scope(organization):
        yield organization


def cached(organization: Organization) -> bytes | None:
    held: Any = redis_connection().get(cache_name(organization.pk))
    return held


def told() -> list[Any]:
    """What everybody is told, in all that a field has."""
    return [_all(each) for each in custom_field_definitions()]


def stored() -> list[Any]:
    return [_all(each) for each in CustomFieldDefinition.objects.order_by("label", "pk")]


def _all(definition: CustomFieldDefinition) -> dict[str, Any]:
    return {field.attname: getattr(definition, field.attname) for field in definition._meta.fields}


def queries(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def test_fields_are_read_once(home: Organization) -> None:
    make_custom_field(home, "size", "choice", choices=["S", "M"], is_required=True)
    slot_give(definition=make_custom_field(home, "age", "number"))
    run_slot_job(organization_id=home.pk, slot_job_id=SlotJob.objects.get().pk)
    assert queries(custom_field_definitions) == 1
    assert queries(custom_field_definitions) == 0
    assert told() == stored()
    assert [each.key for each in custom_field_definitions()] == ["age", "size"]
    # What is told can be worked with as what is read.
    custom_field_definitions()[0].refresh_from_db()


def test_that_there_are_none_is_kept_too(home: Organization) -> None:
    assert custom_field_definitions() == []
    assert queries(custom_field_definitions) == 0


def test_a_page_asks_redis_and_not_postgresql(home: Organization) -> None:
    make_custom_field(home, "age", "number")
    contact = make_contact(home, custom_fields={"age": 31})
    screens = Screens(home)
    for path in ("contacts/", f"contacts/{contact.pk}/"):
        screens.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert screens.get(path).status_code == 200
        asked = [each["sql"] for each in captured if "custom_field_definitions" in each["sql"]]
        assert asked == []


CHANGES: dict[str, Callable[[CustomFieldDefinition], Any]] = {
    "create": lambda field: custom_field_create(key="other", type="text"),
    "update": lambda field: custom_field_update(definition=field, label="Years"),
    "delete": lambda field: custom_field_delete(definition=field),
    "ensure": lambda field: custom_fields_ensure(fields=[NewField("other", "text")]),
    "ensure choices": lambda field: custom_fields_ensure(
        fields=[NewField("size", "choice", choices=["L"])]
    ),
    "index": lambda field: slot_give(definition=field),
    "no index": lambda field: slot_free(
        definition=CustomFieldDefinition.objects.get(key="indexed")
    ),
    "ready": lambda field: run_slot_job(
        organization_id=field.organization_id, slot_job_id=SlotJob.objects.get().pk
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_told_at_once(home: Organization, change: str) -> None:
    age = make_custom_field(home, "age", "number")
    make_custom_field(home, "indexed", "number", is_indexed=True)
    make_custom_field(home, "size", "choice", choices=["S"])
    before = told()
    assert queries(custom_field_definitions) == 0
    CHANGES[change](age)
    assert told() == stored() != before
    assert queries(custom_field_definitions) == 0


def test_a_change_is_seen_by_who_makes_it_and_by_others_once_it_is_committed(
    home: Organization,
) -> None:
    age = make_custom_field(home, "age", "number")
    custom_field_definitions()
    with transaction.atomic():
        custom_field_update(definition=age, label="Years")
        assert [each.label for each in custom_field_definitions()] == ["Years"]
        assert cached(home) == CHANGING
    assert cached(home) is None
    with pytest.raises(ValidationError), transaction.atomic():
        custom_field_update(definition=age, label="Months")
        raise ValidationError("no")
    assert told() == stored()


def test_what_was_read_in_front_of_a_change_is_not_kept_behind_it(
    home: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    age = make_custom_field(home, "age", "number")
    keep = definitions._keep

    def late(*args: Any) -> None:
        monkeypatch.setattr(definitions, "_keep", keep)
        custom_field_update(definition=age, label="Years")
        keep(*args)

    monkeypatch.setattr(definitions, "_keep", late)
    assert [each.label for each in custom_field_definitions()] == ["Age"]
    assert told() == stored()


def test_who_is_killed_between_commit_and_invalidation_leaves_nothing_wrong(
    home: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    age = make_custom_field(home, "age", "number")
    custom_field_definitions()
    with monkeypatch.context() as killed:
        killed.setattr(transaction, "on_commit", lambda *args, **options: None)
        custom_field_update(definition=age, label="Years")
    assert cached(home) == CHANGING
    assert told() == stored()
    assert queries(custom_field_definitions) == 1
    redis: Any = redis_connection()
    assert 0 < redis.ttl(cache_name(home.pk)) <= definitions.CHANGING_SECONDS
    redis.delete(cache_name(home.pk))
    assert told() == stored()
    assert 0 < redis.ttl(cache_name(home.pk)) <= definitions.KEPT_SECONDS


def test_tenants_are_apart(home: Organization) -> None:
    other = make_organization()
    make_custom_field(home, "age", "number")
    custom_field_definitions()
    with organization_scope(other):
        assert custom_field_definitions() == []
        make_custom_field(other, "size")
        assert [each.key for each in custom_field_definitions()] == ["size"]
    assert queries(lambda: [each.key for each in custom_field_definitions()]) == 0
    assert [each.key for each in custom_field_definitions()] == ["age"]


@contextmanager
def unreachable() -> Any:
    """Redis is not there."""
    gone = Redis.from_url("redis://127.0.0.1:9/0")
    with pytest.MonkeyPatch.context() as patch:
        for module in ("contacts.selectors.definitions", "contacts.services.definitions"):
            patch.setattr(f"{module}.redis_connection", lambda: gone)
        yield


def test_without_redis_the_table_is_read(home: Organization) -> None:
    age = make_custom_field(home, "age", "number", is_indexed=True)
    with unreachable():
        custom_field_update(definition=age, label="Years")
        assert told() == stored()
        assert [slot_of(each) for each in custom_field_definitions()] == [None]
