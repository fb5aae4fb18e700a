"""Logging in, how often that may fail, and new passwords by mail."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from organizations import forms, rate_limit
from organizations.models import User
from organizations.redis import redis_connection
from organizations.services.attempts import LOGIN_BY_EMAIL, LOGIN_BY_NETWORK, RESET_BY_EMAIL
from tests.factories import PASSWORD, make_organization, make_user
from tests.mail import Mailbox

pytestmark = pytest.mark.django_db

START = 1_000_000_500.0
NEW = "a quite different phrase"
LINK = re.compile(r"http://testserver(/password-reset/\S+)")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """The clock stands, and `clock(seconds)` puts it that far on."""

    def put(seconds: float) -> None:
        monkeypatch.setattr(rate_limit.time, "time", lambda: START + seconds)

    put(0)
    return put


@pytest.fixture
def network_attempts(monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a network may fail, where tests wait for it."""
    limit = replace(LOGIN_BY_NETWORK, attempts=LOGIN_BY_EMAIL.attempts + 2)
    monkeypatch.setattr(forms, "LOGIN_BY_NETWORK", limit)
    return limit.attempts


def log_in(email: str, password: str = "wrong", client: Client | None = None, **meta: str) -> Any:
    values = {"username": email, "password": password}
    return (client or Client()).post("/login/", values, **meta)


def is_in(response: Any) -> bool:
    return response.status_code == 302


def fail(email: str, times: int, **meta: str) -> None:
    for _ in range(times):
        assert log_in(email, **meta).status_code == 200


def text(response: Any) -> str:
    return str(response.content.decode())


# Too many failures


def test_an_address_that_failed_too_often_waits_even_with_the_right_password(
    clock: Callable[[float], None],
) -> None:
    user, other = make_user(), make_user()
    fail(user.email, LOGIN_BY_EMAIL.attempts)
    clock(100)
    refused = log_in(user.email.upper(), PASSWORD)
    assert (refused.status_code, refused["Retry-After"]) == (429, "800")
    assert "Too many attempts. Try again in 14 minutes." in text(refused)
    assert is_in(log_in(other.email, PASSWORD))
    clock(899)
    assert "Try again in a minute." in text(log_in(user.email, PASSWORD))
    clock(900)
    assert is_in(log_in(user.email, PASSWORD))


def test_an_unknown_address_is_refused_like_a_known_one() -> None:
    user = make_user(email="known@example.com")
    answers = []
    for email in (user.email, "nobody@example.com"):
        fail(email, LOGIN_BY_EMAIL.attempts)
        page = text(log_in(email)).replace(email, "")
        answers.append(re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page))
    assert answers[0] == answers[1]


def test_a_good_login_forgets_failures_of_its_address() -> None:
    user = make_user()
    for _ in range(3):
        fail(user.email, LOGIN_BY_EMAIL.attempts - 1)
        assert is_in(log_in(user.email, PASSWORD))


def test_a_network_that_failed_too_often_waits(network_attempts: int) -> None:
    user = make_user()
    for number in range(network_attempts):
        fail(f"{number}@example.com", 1, REMOTE_ADDR="203.0.113.9")
    assert log_in(user.email, PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert is_in(log_in(user.email, PASSWORD, REMOTE_ADDR="203.0.113.10"))


def test_good_logins_are_not_counted_against_a_network(network_attempts: int) -> None:
    user = make_user()
    for _ in range(network_attempts + 5):
        assert is_in(log_in(user.email, PASSWORD))


def test_a_network_is_what_trusted_proxies_say(settings: Any, network_attempts: int) -> None:
    settings.REST_FRAMEWORK = django_settings.REST_FRAMEWORK | {"NUM_PROXIES": 1}
    for number in range(network_attempts):
        # What the client claims itself comes first, and is passed over.
        seen = f"198.51.100.{number}, 203.0.113.9"
        fail(f"{number}@example.com", 1, HTTP_X_FORWARDED_FOR=seen)
    user = make_user()
    for seen, status in [("9.9.9.9, 203.0.113.9", 429), ("203.0.113.9, 203.0.113.10", 302)]:
        response = log_in(user.email, PASSWORD, HTTP_X_FORWARDED_FOR=seen)
        assert response.status_code == status


def test_a_network_of_ipv6_is_all_of_one_connection(network_attempts: int) -> None:
    for number in range(network_attempts):
        fail(f"{number}@example.com", 1, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
    user = make_user()
    assert log_in(user.email, PASSWORD, REMOTE_ADDR="2001:db8:1:2::ffff").status_code == 429
    assert is_in(log_in(user.email, PASSWORD, REMOTE_ADDR="2001:db8:1:3::1"))


def test_the_admin_has_no_login_of_its_own() -> None:
    organization = make_organization()
    user = make_user(organization)
    address = f"/o/{organization.slug}/admin/"
    values = {"username": user.email, "password": PASSWORD}
    client = Client()
    assert client.get(address).url == f"/login/?next={address}"
    assert client.post(f"{address}login/", values).url == f"/login/?next={address}login/"
    assert "_auth_user_id" not in client.session
    fail(user.email, LOGIN_BY_EMAIL.attempts)
    assert client.post(f"/login/?next={address}", values).status_code == 429
    assert client.get(address).status_code == 302


def test_redis_holds_no_address_of_a_person() -> None:
    fail("ada@example.com", 1)
    assert redis_connection().keys("kith:rate:login:email:*")
    assert not redis_connection().keys("*ada*")


# A new password


@pytest.mark.django_db(transaction=True)
def test_a_new_password_is_chosen_through_a_mailed_link(
    mailbox: Mailbox, run_jobs: Callable[[], int]
) -> None:
    user, elsewhere, client = make_user(), Client(), Client()
    elsewhere.force_login(user)
    fail(user.email, LOGIN_BY_EMAIL.attempts)
    assert "/password-reset/" in text(client.get("/login/"))
    asked = client.post("/password-reset/", {"email": user.email.upper()}, follow=True)
    assert "on its way" in text(asked)
    assert run_jobs() == 1
    (message,) = mailbox.messages
    assert message["To"] == user.email
    assert message["From"] == django_settings.DEFAULT_FROM_EMAIL
    (path,) = LINK.findall(mailbox.text())
    page = client.get(path, follow=True)
    assert user.email in text(page)
    assert path not in page.redirect_chain[-1][0]
    form = page.redirect_chain[-1][0]
    weak = client.post(form, {"new_password1": "abc", "new_password2": "abc"})
    assert "too short" in text(weak)
    done = client.post(form, {"new_password1": NEW, "new_password2": NEW}, follow=True)
    assert "Password changed" in text(done)
    assert is_in(log_in(user.email, NEW))
    assert elsewhere.get("/").url.startswith("/login/")
    assert "does not work" in text(Client().get(path, follow=True))


@pytest.mark.django_db(transaction=True)
def test_a_link_works_for_an_hour(
    mailbox: Mailbox, run_jobs: Callable[[], int], settings: Any
) -> None:
    user = make_user()
    Client().post("/password-reset/", {"email": user.email})
    run_jobs()
    (path,) = LINK.findall(mailbox.text())
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    assert "Choose a password" in text(Client().get(path, follow=True))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "does not work" in text(Client().get(path, follow=True))


@pytest.mark.django_db(transaction=True)
def test_no_answer_tells_whether_there_is_an_account(
    mailbox: Mailbox, run_jobs: Callable[[], int]
) -> None:
    known = make_user()
    gone = make_user(is_active=False)
    for email in (known.email, gone.email, "nobody@example.com"):
        response = Client().post("/password-reset/", {"email": email})
        assert (response.status_code, response.url) == (302, "/password-reset/sent/")
    assert run_jobs() == 3
    assert [message["To"] for message in mailbox.messages] == [known.email]


def test_a_link_is_asked_for_a_few_times_only(clock: Callable[[float], None]) -> None:
    client = Client()
    for email in ("nobody@example.com", make_user().email):
        for _ in range(RESET_BY_EMAIL.attempts):
            assert client.post("/password-reset/", {"email": email}).status_code == 302
        refused = client.post("/password-reset/", {"email": email})
        assert refused.status_code == 429
        assert int(refused["Retry-After"]) > 0
        assert "Too many attempts. Try again in" in text(refused)
    clock(RESET_BY_EMAIL.seconds)
    assert client.post("/password-reset/", {"email": email}).status_code == 302


def test_somebody_elses_token_opens_nothing(mailbox: Mailbox) -> None:
    from django.contrib.auth.tokens import default_token_generator
    from django.utils.encoding import force_bytes
    from django.utils.http import urlsafe_base64_encode

    ana, bob = make_user(), make_user()
    uid = urlsafe_base64_encode(force_bytes(bob.pk))
    path = f"/password-reset/{uid}/{default_token_generator.make_token(ana)}/"
    assert "does not work" in text(Client().get(path, follow=True))
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)
