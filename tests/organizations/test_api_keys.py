"""Keys of programs: shown once, kept as a hash, useless once revoked or expired."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from organizations.models import ApiKey, Organization
from organizations.scope import organization_scope
from organizations.services.api_keys import (
    api_key_authenticate,
    api_key_create,
    api_key_revoke,
)
from tests.factories import make_api_key, make_organization, make_user


def used_at(key: ApiKey) -> object:
    key.refresh_from_db()
    return key.last_used_at


def test_a_key_opens_its_organization(organization: Organization) -> None:
    key, text = make_api_key(organization)
    found = api_key_authenticate(text=text)
    assert found == key
    assert found is not None
    assert found.organization == organization


def test_the_secret_is_not_kept(organization: Organization) -> None:
    key, text = make_api_key(organization)
    prefix, secret = text.removeprefix("kith_").split("_", 1)
    assert key.prefix == prefix
    row = ApiKey.objects.values().get()
    assert not [value for value in row.values() if secret in str(value)]
    assert len(secret) >= 43


def test_keys_differ(organization: Organization) -> None:
    assert len({make_api_key(organization)[1] for _ in range(20)}) == 20


def test_another_text_opens_nothing(organization: Organization) -> None:
    key, text = make_api_key(organization)
    _, other = make_api_key(organization)
    wrong = [
        "",
        "kith",
        "kith_",
        "kith__",
        f"kith_{key.prefix}",
        f"kith_{key.prefix}_",
        f"kith_{key.prefix}_{'x' * 43}",
        f"kith_{key.prefix}_{other.split('_', 2)[2]}",
        text[:-1],
        text + "x",
        text.upper(),
        text.removeprefix("kith_"),
        f" {text}",
        f"kith_\0_{text}",
        f"kith_{key.prefix}_é\0",
        f"kith_{'x' * 10_000}_y",
        f"kith_%_{text.split('_', 2)[2]}",
    ]
    assert [each for each in wrong if api_key_authenticate(text=each) is not None] == []


def test_the_stored_hash_is_no_key(organization: Organization) -> None:
    key, _ = make_api_key(organization)
    assert api_key_authenticate(text=f"kith_{key.prefix}_{key.hashed_secret}") is None


def test_a_revoked_key_opens_nothing_and_stays_revoked(organization: Organization) -> None:
    key, text = make_api_key(organization)
    revoked_at = api_key_revoke(key=key).revoked_at
    assert revoked_at is not None
    assert api_key_authenticate(text=text) is None
    assert api_key_revoke(key=key).revoked_at == revoked_at


def test_an_expired_key_opens_nothing(organization: Organization) -> None:
    now = timezone.now()
    _, late = api_key_create(name="Late", role="viewer", expires_at=now - timedelta(seconds=1))
    _, good = api_key_create(name="Good", role="viewer", expires_at=now + timedelta(hours=1))
    assert api_key_authenticate(text=late) is None
    assert api_key_authenticate(text=good) is not None


def test_the_use_is_noted_once_a_minute(organization: Organization) -> None:
    key, text = make_api_key(organization)
    assert used_at(key) is None
    api_key_authenticate(text=text)
    first = used_at(key)
    assert first is not None
    api_key_authenticate(text=text)
    assert used_at(key) == first
    long_ago = timezone.now() - timedelta(minutes=2)
    ApiKey.objects.update(last_used_at=long_ago)
    api_key_authenticate(text=text)
    assert used_at(key) != long_ago


def test_a_key_that_is_refused_is_not_noted_as_used(organization: Organization) -> None:
    key, text = make_api_key(organization)
    api_key_authenticate(text=f"{text}x")
    api_key_revoke(key=key)
    api_key_authenticate(text=text)
    assert used_at(key) is None


@pytest.mark.parametrize("role", ["", "root", "Admin"])
def test_an_unknown_role_is_refused(organization: Organization, role: str) -> None:
    with pytest.raises(ValidationError, match="is no role") as caught:
        api_key_create(name="Key", role=role)
    assert list(caught.value.error_dict) == ["role"]


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_a_name_is_needed_and_bounded(organization: Organization, name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        api_key_create(name=name, role="viewer")
    assert list(caught.value.error_dict) == ["name"]


def test_keys_belong_to_the_scope(organization: Organization) -> None:
    user = make_user(organization)
    key, _ = api_key_create(name="Ours", role="admin", created_by=user)
    other = make_organization()
    make_api_key(other)
    assert list(ApiKey.objects.all()) == [key]
    assert key.created_by == user
    with organization_scope(other), pytest.raises(ApiKey.DoesNotExist):
        api_key_revoke(key=key)
    key.refresh_from_db()
    assert key.revoked_at is None
