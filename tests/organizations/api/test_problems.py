"""Whatever goes wrong under /api/ is a problem document."""

from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from tests.api_suite import Program, assert_problem
from tests.factories import make_organization

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def program() -> Program:
    return Program(make_organization())


def post(program: Program, content: Any, content_type: str = JSON) -> Any:
    return program.client.generic(
        "POST", "/api/v1/contacts/", content, content_type=content_type, headers=program.headers()
    )


def test_an_unknown_address(program: Program, client: Client) -> None:
    for path in (
        "/api/",
        "/api/nope",
        "/api/v1/",
        "/api/v1/nope/",
        "/api/v1/contacts/x/",
        "/api/v2/contacts/",
    ):
        assert_problem(program.get(path), 404, code="not_found")
        assert_problem(client.get(path), 404)


def test_an_address_without_its_last_slash_is_the_same(program: Program) -> None:
    assert program.get("/api/v1/contacts").status_code == 200
    response = program.post("/api/v1/contacts", {"email": "a@example.org"})
    assert response.status_code == 201
    assert program.get(response["Location"]).status_code == 200


def test_a_method_that_is_not_there(program: Program) -> None:
    response = program.send("PUT", "contacts/", {})
    assert_problem(response, 405, code="method_not_allowed")
    assert "POST" in response["Allow"]
    assert_problem(program.send("OPTIONS", "contacts/"), 405)


def test_malformed_json_is_told_by_place(program: Program) -> None:
    document = assert_problem(post(program, '{"email":\n  oops}'), 400, code="parse_error")
    assert "line 2, column 3" in document["detail"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[" * 200_000,
        '{"a":' * 100_000,
        b"\xff\xfe",
        '{"email": NaN}',
        '{"email": 1e999999}',
        '{"is_active": ' + "9" * 5000 + "}",
        '{"email": "a@example.org"} trailing',
        "\x00",
    ],
)
def test_json_that_is_none(program: Program, content: Any) -> None:
    assert_problem(post(program, content), 400)


def test_json_with_a_byte_order_mark(program: Program) -> None:
    assert post(program, b'\xef\xbb\xbf{"email": "a@example.org"}').status_code == 201


def test_another_content_type(program: Program) -> None:
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense"):
        assert_problem(post(program, "email=a", kind), 415, code="unsupported_media_type")


def test_any_charset_is_utf_8(program: Program) -> None:
    response = post(program, '{"email": "a@example.org"}', f"{JSON}; charset=klingon")
    assert response.status_code == 201


def test_any_accept_header_gets_json(program: Program) -> None:
    for accept in ("text/html", "application/xml", "nonsense"):
        assert program.get("contacts/", Accept=accept)["Content-Type"] == JSON


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_that_is_too_large(program: Program) -> None:
    content = '{"first_name": "' + "x" * 2000 + '"}'
    assert_problem(post(program, content), 413)
    response = program.client.generic(
        "POST",
        "/api/v1/contacts/",
        content,
        content_type=JSON,
        headers=program.headers(Idempotency_Key="a"),
    )
    assert_problem(response, 413)


def test_a_form_that_is_broken(program: Program) -> None:
    for headers in (program.headers(), program.headers(Idempotency_Key="a")):
        response = program.client.generic(
            "POST", "/api/v1/imports/", "x", content_type="multipart/form-data", headers=headers
        )
        assert_problem(response, 400)


def test_what_nobody_expected_tells_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("contacts.api.filters.contact_list", broken)
    program.client.raise_request_exception = False
    for debug in (False, True):
        with override_settings(DEBUG=debug):
            response = program.get("contacts/")
        document = assert_problem(response, 500)
        assert "secret" not in str(document)
        assert response["RateLimit-Limit"]


def test_a_broken_constraint_is_told_on_its_field(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs at once: the check in the service passed for both."""
    from tags.models import Tag

    program.post("tags/", {"name": "VIP"})
    monkeypatch.setattr(Tag.objects, "filter", lambda **lookups: Tag.objects.none())
    assert_problem(program.post("tags/", {"name": "VIP"}), 400, "name", "unique")


def test_half_a_surrogate_pair_as_a_name_is_told(program: Program) -> None:
    assert_problem(post(program, b'{"\\ud800": 1}'), 400, "?", "unknown_field")
