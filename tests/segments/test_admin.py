"""Segments in the admin: renamed, computed and deleted by services; nothing else is written there."""

import pytest

from organizations.models import Organization
from organizations.roles import Role
from segments.models import Segment, SegmentRefresh
from tests.screens import Screens
from tests.segments.making import IN_OSLO, computed, make_segment

pytestmark = pytest.mark.django_db
LIST = "admin/segments/segment/"


def test_renaming_computes_nothing(organization: Organization) -> None:
    segment = make_segment(organization, name="Before")
    make_segment(organization, name="Taken")
    screens, path = Screens(organization), f"{LIST}{segment.pk}/change/"
    page = screens.get(path).content.decode()
    assert "City is Oslo" in page
    assert "0 always in, 0 always out" in page
    assert screens.post(path, {"name": "TAKEN", "description": ""}).status_code == 200
    assert screens.post(path, {"name": "After", "description": "x"}).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.description, segment.status) == ("After", "x", "ready")
    assert segment.rules == IN_OSLO


def test_what_is_in_use_stays(organization: Organization) -> None:
    segment = make_segment(organization)
    rule = {"type": "segment", "operator": "member_of", "segment": segment.pk}
    other, screens = make_segment(organization, rule), Screens(organization)
    for pk, is_left in ((segment.pk, True), (other.pk, False), (segment.pk, False)):
        screens.post(f"{LIST}{pk}/delete/", {"post": "yes"})
        assert Segment.objects.filter(pk=pk).exists() == is_left


def test_those_that_have_rules_are_computed(organization: Organization) -> None:
    segment, by_hand = make_segment(organization), make_segment(organization, kind="static")
    values = {"action": "compute", "_selected_action": [segment.pk, by_hand.pk]}
    Screens(organization, role=Role.VIEWER).post(LIST, values)
    assert not SegmentRefresh.objects.filter(status="pending").exists()
    Screens(organization).post(LIST, values)
    (refresh,) = SegmentRefresh.objects.filter(status="pending")
    assert refresh.segment_id == segment.pk
    assert refresh.actor is not None
    assert computed(segment).status == "ready"


def test_the_rest_is_to_look_at(organization: Organization) -> None:
    make_segment(organization, {"not": IN_OSLO})
    screens = Screens(organization)
    for path in (
        f"{LIST}add/",
        "admin/segments/segmentrefresh/add/",
        "admin/segments/segmentmembershiplog/add/",
        f"admin/segments/segmentrefresh/{SegmentRefresh.objects.get().pk}/delete/",
    ):
        assert screens.get(path).status_code == 403, path
    page = screens.get("admin/segments/segmentrefresh/").content.decode()
    assert "New or changed rules" in page
