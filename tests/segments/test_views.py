"""Screens of segments: who may see what, and that their queries are as many for one as for many."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.models import Organization
from organizations.roles import Role
from segments.models import Segment, SegmentPin
from tests.factories import make_contact, make_organization
from tests.screens import Screens
from tests.segments.making import IN_OSLO, follow, make_segment, members_of

PAGES = ["", "edit/", "rename/", "history/", "state/"]
POSTS = ["edit/", "rename/", "refresh/", "cancel/", "snapshot/", "delete/", "add/"]


def form_of(city: str) -> dict[str, Any]:
    return {
        "node": ["a||group", "b|a|condition"],
        "a-word": "all",
        "b-about": "attribute:city",
        "b-operator": "equals",
        "b-value": city,
    }


def test_what_is_others_is_not_there(organization: Organization) -> None:
    other = make_organization()
    segment, person = make_segment(other), make_contact(other)
    mine = make_contact(organization)
    screens = Screens(organization)
    for path in (*PAGES, f"why/{mine.pk}/"):
        assert screens.get(f"segments/{segment.pk}/{path}").status_code == 404, path
    for path in (*POSTS, f"pin/{mine.pk}/"):
        assert screens.post(f"segments/{segment.pk}/{path}", {}).status_code == 404, path
    own = make_segment(organization)
    assert screens.get(f"segments/{own.pk}/why/{person.pk}/").status_code == 404
    assert screens.post(f"segments/{own.pk}/pin/{person.pk}/", {"pin": "in"}).status_code == 404
    assert screens.get(f"segments/of/{person.pk}/").status_code == 404
    assert screens.post(f"segments/build/{segment.pk}/", form_of("x")).status_code == 404
    assert Segment.unscoped.filter(pk=segment.pk).exists()


def test_a_viewer_reads_and_changes_nothing(organization: Organization) -> None:
    segment, person = make_segment(organization), make_contact(organization, city="Oslo")
    follow(organization)
    viewer = Screens(organization, role=Role.VIEWER)
    for path in ("", "history/", "state/", f"why/{person.pk}/"):
        assert viewer.get(f"segments/{segment.pk}/{path}").status_code == 200, path
    for path in (*POSTS, f"pin/{person.pk}/"):
        assert viewer.post(f"segments/{segment.pk}/{path}", {}).status_code == 403, path
    assert viewer.get("segments/new/").status_code == 403
    assert not SegmentPin.objects.exists()


def test_a_segment_is_built_saved_reviewed_and_saved_again(organization: Organization) -> None:
    make_contact(organization, city="Oslo", first_name="Ana")
    make_contact(organization, city="Bergen", first_name="Bo")
    screens = Screens(organization)
    screens.post("segments/new/", form_of("Oslo") | {"name": "People", "save": "1"})
    segment = Segment.objects.get()
    assert segment.rules == {"all": [IN_OSLO]}
    other = form_of("Bergen") | {"name": "People", "save": "1"}
    page = screens.post(f"segments/{segment.pk}/edit/", other)
    assert (page.status_code, b"What saving does" in page.content) == (200, True)
    segment.refresh_from_db()
    assert segment.rules == {"all": [IN_OSLO]}
    shown = {"confirmed": page.context["shown"]}
    # What was changed below the review, or by somebody else meanwhile, is shown first.
    third = form_of("Lima") | {"name": "People", "save": "1"} | shown
    assert b"What saving does" in screens.post(f"segments/{segment.pk}/edit/", third).content
    Segment.objects.update(rules={"not": IN_OSLO})
    page = screens.post(f"segments/{segment.pk}/edit/", other | shown)
    assert b"What saving does" in page.content
    screens.post(f"segments/{segment.pk}/edit/", other | {"confirmed": page.context["shown"]})
    segment.refresh_from_db()
    assert segment.rules["all"][0]["value"] == "Bergen"


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "save": "1"},
        form_of("") | {"name": "X", "save": "1"},
        {"name": "X", "save": "1", "mode": "json", "rules_json": "{"},
        {"name": "X", "save": "1", "mode": "json", "rules_json": '{"type": "nonsense"}'},
        {"name": "X", "save": "1", "mode": "json", "rules_json": "[" * 5000},
    ],
)
def test_what_is_wrong_is_said_and_nothing_lost(organization: Organization, form: Any) -> None:
    page = Screens(organization).post("segments/new/", form)
    assert page.status_code == 200
    assert b"k-error" in page.content or b"k-note-bad" in page.content
    assert not Segment.objects.exists()


def test_what_is_missing_is_said_in_words_of_the_inputs(organization: Organization) -> None:
    nodes = ["a||group", "b|a|condition", "c|a|condition", "d|a|group"]
    about_city = {"c-about": "attribute:city", "c-operator": "equals"}
    form = {"node": nodes, "a-word": "all", "d-word": "any", "name": "X", "save": "1"} | about_city
    page = Screens(organization).post("segments/new/", form).content.decode()
    for message in (
        "Choose what this condition is about.",
        "Something is not filled in here.",
        "Add a condition to this group, or remove it.",
    ):
        assert page.count(f'<p class="k-error">{message}') == 1, message


def test_the_form_works_without_javascript(organization: Organization) -> None:
    page = Screens(organization).post(
        "segments/new/", form_of("Oslo") | {"name": "Kept", "do": "add-condition:a"}
    )
    content = page.content.decode()
    assert content.count("What it is about") == 2
    assert 'value="Kept"' in content
    assert 'value="Oslo"' in content


def test_people_are_put_in_and_kept_out_by_hand(organization: Organization) -> None:
    ana = make_contact(organization, first_name="Ana", email="ana@example.org")
    segment, screens = make_segment(organization, kind="static"), Screens(organization)
    screens.post(f"segments/{segment.pk}/add/", {"who": "ana@example.org"})
    follow(organization)
    assert members_of(segment) == {ana.pk}
    screens.post(
        "contacts/bulk/", {"ids": str(ana.pk), "action": "unsegment", "segment": segment.pk}
    )
    follow(organization)
    assert members_of(segment) == set()
    page = screens.post(f"segments/{segment.pk}/snapshot/", {})
    assert page.status_code == 302


def test_a_used_segment_is_not_deleted(organization: Organization) -> None:
    first = make_segment(organization)
    member = {"type": "segment", "operator": "member_of", "segment": first.pk}
    second = make_segment(organization, member)
    screens = Screens(organization)
    screens.post(f"segments/{first.pk}/delete/", {})
    assert Segment.objects.count() == 2
    screens.post(f"segments/{second.pk}/delete/", {})
    screens.post(f"segments/{first.pk}/delete/", {})
    assert not Segment.objects.exists()


def test_queries_do_not_depend_on_how_many_there_are(organization: Organization) -> None:
    screens = Screens(organization)
    first = make_segment(organization)
    make_contact(organization, city="Oslo")
    member = {"type": "segment", "operator": "member_of", "segment": first.pk}
    make_segment(organization, member)
    follow(organization)
    paths = ["segments/", f"segments/{first.pk}/", f"segments/{first.pk}/history/"]
    before = [_queries(screens, path) for path in paths]
    for number in range(19):
        make_contact(organization, city="Oslo", tags=[f"Tag {number}"])
        make_segment(organization, member)
    follow(organization)
    assert [_queries(screens, path) for path in paths] == before


def _queries(screens: Screens, path: str) -> int:
    screens.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert screens.get(path).status_code == 200
    return len(captured)


def test_a_segment_with_a_long_name_is_kept_as_a_list(organization: Organization) -> None:
    segment = make_segment(organization, name="x" * 200)
    screens = Screens(organization)
    for _ in range(2):
        page = screens.post(f"segments/{segment.pk}/snapshot/", {})
        assert page.status_code == 302
    kept = Segment.objects.filter(kind="static").values_list("name", flat=True)
    assert all(name.startswith("x" * 150 + ", ") and len(name) < 200 for name in kept)


def test_history_pages_in_the_order_of_time(organization: Organization) -> None:
    segment = make_segment(organization)
    for number in range(60):
        make_contact(organization, city="Oslo" if number % 2 else "Bergen")
        if number % 20 == 0:
            follow(organization)
    follow(organization)
    screens = Screens(organization)
    page = screens.get(f"segments/{segment.pk}/history/")
    moments = [row.at for row, _ in page.context["entries"]]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 30
