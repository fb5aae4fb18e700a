"""A POST that is sent again has its effect once."""

import json
from typing import Any

import pytest

from contacts.models import Contact
from organizations.api.idempotency import KEPT_SECONDS
from organizations.redis import redis_connection
from organizations.scope import organization_scope
from tests.api_suite import Program, assert_problem
from tests.factories import make_organization

pytestmark = pytest.mark.django_db
BODY = {"email": "a@example.org"}


@pytest.fixture
def program() -> Program:
    return Program(make_organization())


def _slots() -> list[Any]:
    return list(redis_connection().scan_iter("kith:idempotency:*"))


def test_the_first_answer_is_given_again(program: Program) -> None:
    first = program.post("contacts/", BODY, Idempotency_Key="one")
    again = program.post("contacts/", BODY, Idempotency_Key="one")
    assert "Idempotent-Replayed" not in first
    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Location"], again["Content-Type"]) == (first["Location"], first["Content-Type"])
    assert again["RateLimit-Limit"]
    with organization_scope(program.organization):
        assert Contact.objects.count() == 1
    (slot,) = _slots()
    assert KEPT_SECONDS - 60 < redis_connection().ttl(slot) <= KEPT_SECONDS


def test_another_body_is_refused(program: Program) -> None:
    program.post("contacts/", BODY, Idempotency_Key="one")
    other = program.post("contacts/", {"email": "b@example.org"}, Idempotency_Key="one")
    assert_problem(other, 422, "Idempotency-Key", "reused")


def test_a_request_under_way_is_not_repeated(program: Program) -> None:
    program.post("contacts/", BODY, Idempotency_Key="one")
    (slot,) = _slots()
    digest = json.loads(redis_connection().get(slot))["digest"]
    redis_connection().set(slot, json.dumps({"digest": digest}))
    response = program.post("contacts/", BODY, Idempotency_Key="one")
    assert_problem(response, 409, "Idempotency-Key", "in_progress")
    assert response["Retry-After"]


def test_what_failed_may_be_tried_again(program: Program) -> None:
    assert_problem(program.post("contacts/", {"email": "x"}, Idempotency_Key="one"), 400)
    assert _slots() == []
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
    assert _slots() == []
