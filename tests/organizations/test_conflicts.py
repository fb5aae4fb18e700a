"""Constraints that two people break by doing the same at once are told in words, at every door."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from organizations.constraints import constraints_told
from organizations.models import Organization
from tags.models import Tag
from tests.factories import make_tag
from tests.screens import Screens

pytestmark = pytest.mark.django_db


def write_twin(**kwargs: Any) -> None:
    """What a service does whose look came before the other one's commit."""
    with transaction.atomic():
        Tag.objects.create(name="vip", name_key="vip", color="#2563eb")


def test_a_screen_says_what_is_in_the_way(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tag(organization, "VIP")
    monkeypatch.setattr("tags.views.tag_create", write_twin)
    response = Screens(organization).post("tags/new/", {"name": "Vip", "color": "#2563eb"})
    assert response.status_code == 409
    assert "There is a tag with this name already" in response.content.decode()


def test_the_admin_says_it_beside_the_field(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tag(organization, "VIP")
    monkeypatch.setattr("tags.admin.tag_create", write_twin)
    form = {"name": "Vip", "color": "#2563eb", "description": ""}
    response = Screens(organization).post("admin/tags/tag/add/", form)
    assert response.status_code == 200
    assert "There is a tag with this name already" in response.content.decode()


def test_a_constraint_is_told_on_its_field(organization: Organization) -> None:
    make_tag(organization, "VIP")
    with pytest.raises(ValidationError) as caught, constraints_told():
        write_twin()
    assert list(caught.value.error_dict) == ["name"]


def test_what_no_model_declares_is_not_explained_away() -> None:
    with pytest.raises(IntegrityError), constraints_told():
        raise IntegrityError("something else")
