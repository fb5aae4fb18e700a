"""How many requests a key may send in a second."""

from typing import Any

import pytest

from organizations import rate_limit
from tests.api_suite import Program, assert_problem
from tests.factories import make_organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit.time, "time", lambda: 1_000_000.5)


def test_a_key_has_its_share_of_each_second(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_RATE_LIMIT = 3
    organization = make_organization()
    first, second = Program(organization), Program(organization)
    for left in (2, 1, 0):
        response = first.get("contacts/")
        assert response.status_code == 200
        assert response["RateLimit-Limit"] == "3"
        assert response["RateLimit-Remaining"] == str(left)
        assert response["RateLimit-Reset"] == "1"
    refused = first.get("contacts/")
    assert_problem(refused, 429, code="throttled")
    assert (refused["Retry-After"], refused["RateLimit-Remaining"]) == ("1", "0")
    assert second.get("contacts/").status_code == 200
    monkeypatch.setattr(rate_limit.time, "time", lambda: 1_000_001.5)
    assert first.get("contacts/").status_code == 200


def test_the_default_is_two_hundred(settings: Any) -> None:
    assert settings.API_RATE_LIMIT >= 200


def test_errors_carry_the_headers_too() -> None:
    program = Program(make_organization())
    assert program.get("contacts/0/")["RateLimit-Limit"]
    assert program.get("nope/")["RateLimit-Limit"]
