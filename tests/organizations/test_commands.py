"""The commands that make organizations and keys."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from organizations.models import ApiKey, Organization
from organizations.scope import organization_scope
from organizations.services.api_keys import api_key_authenticate
from tests.factories import make_organization


def output(*args: str) -> str:
    stream = StringIO()
    call_command(*args, stdout=stream)
    return stream.getvalue()


@pytest.mark.django_db
def test_create_organization() -> None:
    told = output("create_organization", "Acme & Co.", "--slug", "acme", "--country", "NO")
    assert told == "Made Acme & Co. at /o/acme/\n"
    organization = Organization.objects.get()
    assert (organization.name, organization.slug) == ("Acme & Co.", "acme")
    assert (organization.country, organization.timezone) == ("NO", "UTC")


@pytest.mark.django_db
def test_a_slug_that_is_taken_or_unfit_is_told() -> None:
    make_organization(slug="acme")
    with pytest.raises(CommandError):
        output("create_organization", "Again", "--slug", "acme")
    with pytest.raises(CommandError, match="hyphens"):
        output("create_organization", "Again", "--slug", "No Slug")
    assert Organization.objects.count() == 1


@pytest.mark.django_db
def test_an_unknown_timezone_or_country_is_told() -> None:
    with pytest.raises(CommandError):
        output("create_organization", "Acme", "--slug", "acme", "--timezone", "Mars/Olympus")
    with pytest.raises(CommandError):
        output("create_organization", "Acme", "--slug", "acme", "--country", "Norway")
    assert not Organization.objects.exists()


@pytest.mark.django_db
def test_create_api_key_prints_the_key_and_nothing_else() -> None:
    organization = make_organization(slug="acme")
    told = output("create_api_key", "--organization", "acme", "--name", "Robot", "--role", "viewer")
    key = api_key_authenticate(text=told.removesuffix("\n"))
    assert key is not None
    assert (key.organization, key.name, key.role) == (organization, "Robot", "viewer")


@pytest.mark.django_db
def test_a_key_is_an_admins_by_default() -> None:
    organization = make_organization(slug="acme")
    output("create_api_key", "--organization", "acme", "--name", "Robot")
    with organization_scope(organization):
        assert ApiKey.objects.get().role == "admin"


@pytest.mark.django_db
def test_what_is_wrong_with_a_key_is_told() -> None:
    make_organization(slug="acme")
    with pytest.raises(CommandError, match="There are: acme"):
        output("create_api_key", "--organization", "nowhere", "--name", "Robot")
    with pytest.raises(CommandError, match="invalid choice"):
        output("create_api_key", "--organization", "acme", "--name", "Robot", "--role", "root")
    with pytest.raises(CommandError):
        output("create_api_key", "--organization", "acme", "--name", "")
    with pytest.raises(CommandError, match="required"):
        output("create_api_key", "--name", "Robot")
    assert not ApiKey.unscoped.exists()
