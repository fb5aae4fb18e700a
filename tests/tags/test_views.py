"""The screens of tags."""

import pytest

from organizations.models import Organization
from tags.models import Tag
from tests.factories import make_contact, make_tag
from tests.screens import Screens

pytestmark = pytest.mark.django_db


def test_a_tag_is_made_renamed_and_refused(organization: Organization) -> None:
    screens = Screens(organization)
    screens.post("tags/new/", {"name": "VIP", "color": "#2563eb"})
    tag = Tag.objects.get(name="VIP")
    screens.post(f"tags/{tag.pk}/", {"name": "Very important", "color": "#c2410c"})
    tag.refresh_from_db()
    assert (tag.name, tag.color) == ("Very important", "#c2410c")
    make_tag(organization, "Press")
    refused = screens.post(f"tags/{tag.pk}/", {"name": "PRESS", "color": "#c2410c"})
    assert "There is a tag" in refused.content.decode()
    assert b"Very important" in refused.content


def test_deleting_takes_the_number_of_contacts(organization: Organization) -> None:
    screens = Screens(organization)
    make_contact(organization, tags=["VIP"])
    tag = Tag.objects.get(name="VIP")
    Tag.objects.filter(pk=tag.pk).update(contact_count=1)
    screens.post(f"tags/{tag.pk}/delete/", {"count": "7"})
    assert Tag.objects.filter(pk=tag.pk).exists()
    screens.post(f"tags/{tag.pk}/delete/", {"count": "1"})
    assert not Tag.objects.filter(pk=tag.pk).exists()


def test_the_list_asks_as_often_for_20_tags_as_for_1(organization: Organization) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    screens = Screens(organization)
    counts = []
    for total in (1, 20):
        for number in range(total):
            make_tag(organization, f"Tag {number}")
        screens.get("tags/")
        with CaptureQueriesContext(connection) as captured:
            assert screens.get("tags/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
