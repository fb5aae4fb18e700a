"""Keys, roles, and the organization that a key stands for."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from organizations.models import ApiKey, Organization
from organizations.scope import organization_scope
from organizations.services.api_keys import api_key_create, api_key_revoke
from tests.api_suite import Program, assert_problem
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program(make_organization())


def test_what_is_no_key_is_refused(client: Client, program: Program) -> None:
    bad = (
        "",
        "Bearer",
        "Bearer ",
        "Bearer kith_",
        "Bearer kith_a_b",
        "Bearer nonsense",
        f"Bearer {program.text}x",
        f"Basic {program.text}",
        "Bearer kith_\x00_b",
        "Bearer kith_é_é",
    )
    for text in bad:
        response = client.get("/api/v1/contacts/", headers={"Authorization": text})
        assert_problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"


def test_the_scheme_has_no_case(client: Client, program: Program) -> None:
    headers = {"Authorization": f"bearer  {program.text}"}
    assert client.get("/api/v1/contacts/", headers=headers).status_code == 200


def test_a_revoked_key_is_refused(program: Program) -> None:
    assert program.get("contacts/").status_code == 200
    with organization_scope(program.organization):
        api_key_revoke(key=program.key)
    assert_problem(program.get("contacts/"), 401, code="authentication_failed")


def test_an_expired_key_is_refused(program: Program) -> None:
    past = timezone.now() - timedelta(seconds=1)
    ApiKey.unscoped.filter(pk=program.key.pk).update(expires_at=past)
    assert_problem(program.get("contacts/"), 401)


def test_a_key_tells_when_it_was_used(program: Program) -> None:
    program.get("contacts/")
    assert ApiKey.unscoped.get(pk=program.key.pk).last_used_at is not None


def test_a_session_is_no_key(client: Client, organization: Organization) -> None:
    client.force_login(make_user(organization))
    assert_problem(client.get("/api/v1/contacts/"), 401)


def test_the_api_is_not_below_an_organizations_path(client: Client, program: Program) -> None:
    user = make_user(program.organization)
    client.force_login(user)
    address = f"/o/{program.organization.slug}/api/v1/contacts/"
    assert client.get(address, headers=program.headers()).status_code == 404


def test_keys_of_two_organizations_do_not_mix() -> None:
    first, second = Program(make_organization()), Program(make_organization())
    first.post("contacts/", {"email": "first@example.org"})
    second.post("contacts/", {"email": "second@example.org"})
    for _ in range(2):
        for program, name in ((first, "first"), (second, "second")):
            (row,) = program.get("contacts/").json()["results"]
            assert row["email"] == f"{name}@example.org"


def test_a_key_needs_a_role_that_covers_the_work() -> None:
    organization = make_organization()
    with organization_scope(organization):
        _, text = api_key_create(name="Reader", role="viewer")
    client = Client(headers={"Authorization": f"Bearer {text}"})
    response = client.post("/api/v1/contacts/", "{}", content_type="application/json")
    document = assert_problem(response, 403)
    assert "marketer" in document["detail"]
    assert "viewer" in document["detail"]
