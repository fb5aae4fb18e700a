"""A POST that is sent again has its effect once."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Contact
from organizations.locks import LockSpace
from organizations.models import KeptAnswer
from organizations.scope import organization_scope
from organizations.services.kept_answers import KEPT, kept_answers_purge
from tests.api_suite import Program, assert_problem
from tests.factories import make_organization

pytestmark = pytest.mark.django_db
BODY = {"email": "a@example.org"}


@pytest.fixture
def program() -> Program:
    return Program(make_organization())


def _kept() -> list[KeptAnswer]:
    return list(KeptAnswer.unscoped.all())


def test_the_first_answer_is_given_again(program: Program) -> None:
    first = program.post("contacts/", BODY, Idempotency_Key="one")
    again = program.post("contacts/", BODY, Idempotency_Key="one")
    assert "Idempotent-Replayed" not in first
    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Location"], again["Content-Type"]) == (first["Location"], first["Content-Type"])
    assert again["RateLimit-Limit"]
    with organization_scope(program.organization):
        assert Contact.objects.count() == 1


def test_answers_are_kept_for_a_day(program: Program) -> None:
    program.post("tags/", {"name": "VIP"}, Idempotency_Key="one")
    assert kept_answers_purge() == 0
    KeptAnswer.unscoped.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    # The key is free again, whether or not the schedule has come by.
    assert program.post("tags/", {"name": "Guest"}, Idempotency_Key="one").status_code == 201
    KeptAnswer.unscoped.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert kept_answers_purge() == 1


def test_another_body_is_refused(program: Program) -> None:
    program.post("contacts/", BODY, Idempotency_Key="one")
    other = program.post("contacts/", {"email": "b@example.org"}, Idempotency_Key="one")
    assert_problem(other, 422, "Idempotency-Key", "reused")


@pytest.mark.django_db(transaction=True)
def test_a_request_under_way_is_not_repeated(program: Program) -> None:
    program.post("contacts/", BODY, Idempotency_Key="one")
    (kept,) = _kept()
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        lock = "select pg_advisory_xact_lock(%s, hashtext(%s))"
        other.execute(lock, [int(LockSpace.ANSWERS), kept.place])
        response = program.post("contacts/", BODY, Idempotency_Key="one")
    assert_problem(response, 409, "Idempotency-Key", "in_progress")
    assert response["Retry-After"]


def test_effect_and_answer_are_one_transaction(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a crash between the two would leave: neither."""
    program.client.raise_request_exception = False

    def dies(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("organizations.api.idempotency._keep", dies)
        program.post("contacts/", BODY, Idempotency_Key="one")
    with organization_scope(program.organization):
        assert Contact.objects.count() == 0
    assert program.post("contacts/", BODY, Idempotency_Key="one").status_code == 201


def test_what_failed_may_be_tried_again(program: Program) -> None:
    assert_problem(program.post("contacts/", {"email": "x"}, Idempotency_Key="one"), 400)
    assert _kept() == []
    assert program.post("contacts/", BODY, Idempotency_Key="one").status_code == 201


def test_what_broke_may_be_tried_again(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**kwargs: Any) -> None:
        raise RuntimeError

    program.client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("contacts.api.views.tagged_contact_create", broken)
        assert_problem(program.post("contacts/", BODY, Idempotency_Key="one"), 500)
    assert program.post("contacts/", BODY, Idempotency_Key="one").status_code == 201


def test_keys_are_of_one_address_and_one_program(program: Program) -> None:
    program.post("contacts/", BODY, Idempotency_Key="one")
    assert program.post("tags/", {"name": "VIP"}, Idempotency_Key="one").status_code == 201
    other = Program(make_organization())
    assert other.post("contacts/", BODY, Idempotency_Key="one").status_code == 201


def test_bad_keys(program: Program) -> None:
    for key in ("", " ", "x" * 256):
        assert_problem(program.post("contacts/", BODY, Idempotency_Key=key), 400, "Idempotency-Key")


def test_only_posts_are_kept(program: Program) -> None:
    program.get("contacts/", Idempotency_Key="one")
    assert _kept() == []
