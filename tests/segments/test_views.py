"""Screens of segments: who may see what, and that their queries are as many for one as for many."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.formats import date_format
from django.utils.timezone import localdate

from contacts.models import CustomFieldDefinition
from contacts.services.contacts import contact_update
from organizations.models import Notice, Organization
from organizations.roles import Role
from segments.models import Segment, SegmentPin
from segments.services.segments import segment_delete, segment_update
from tags.models import Tag
from tests.contacts.events import event, record
from tests.factories import SCREEN, make_contact, make_custom_field, make_organization, make_tag
from tests.screens import Screens
from tests.segments.making import IN_OSLO, computed, follow, make_segment, members_of

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
        assert page.count(f">{message}</p>") == 1, message


def test_the_form_works_without_javascript(organization: Organization) -> None:
    page = Screens(organization).post(
        "segments/new/", form_of("Oslo") | {"name": "Kept", "do": "add-condition:a"}
    )
    content = page.content.decode()
    assert content.count(">What it is about") == 2
    assert 'value="Kept"' in content
    assert 'value="Oslo"' in content


def test_without_javascript_the_count_is_asked_for(organization: Organization) -> None:
    make_contact(organization, city="Oslo", first_name="Ana")
    form = form_of("Oslo") | {"name": "Kept", "do": "refresh", "try": "ana"}
    page = Screens(organization).post("segments/new/", form).content.decode()
    assert page.split('id="rule-size">')[1].split("</p>")[0].strip() == "1"
    assert "City is Oslo" in page
    assert "<strong>be in it</strong>" in page


def test_what_was_meant_for_something_else_is_not_carried_over(
    organization: Organization,
) -> None:
    screens = Screens(organization)
    about = {"node": ["a||group", "b|a|condition"], "a-word": "all", "b-value": "30"}
    moved = about | {"b-about": "attribute:city", "b-about-was": "attribute:created_at"}
    page = screens.post("segments/build/", moved | {"do": "refresh"}).content.decode()
    assert 'name="b-value" value=""' in page
    turned = about | {
        "b-about": "attribute:created_at",
        "b-operator": "equals",
        "b-operator-was": "in_last",
    }
    page = screens.post("segments/build/", turned | {"do": "refresh"}).content.decode()
    assert 'name="b-value" value=""' in page


def test_a_relations_rule_goes_with_the_relation(organization: Organization) -> None:
    form = form_of("Oslo") | {
        "node": ["a||group", "b|a|condition", "c|b|group", "d|c|condition"],
        "c-word": "all",
        "d-about": "attribute:city",
        "do": "refresh",
    }
    page = Screens(organization).post("segments/build/", form).content.decode()
    assert "Of whom" not in page


def test_json_goes_back_to_the_inputs(organization: Organization) -> None:
    screens = Screens(organization)
    form = {"mode": "json", "rules_json": json.dumps(IN_OSLO), "do": "inputs", "name": "X"}
    page = screens.post("segments/new/", form).content.decode()
    assert 'name="rules_json"' not in page
    assert 'value="Oslo"' in page
    kept = form | {"rules_json": json.dumps({"type": "event", "event_type": "x", "campaign": 7})}
    page = screens.post("segments/new/", kept).content.decode()
    assert 'name="rules_json"' in page
    assert "it stays JSON" in page


def test_nobody_is_overwritten_in_silence(organization: Organization) -> None:
    segment, screens = make_segment(organization, name="Mine"), Screens(organization)
    opened = screens.get(f"segments/{segment.pk}/edit/").context["opened"]
    segment_update(segment=segment, name="Theirs")
    form = form_of("Oslo") | {"name": "Mine", "save": "1", "opened": opened}
    page = screens.post(f"segments/{segment.pk}/edit/", form)
    assert "Somebody else changed Theirs" in page.content.decode()
    segment.refresh_from_db()
    assert segment.name == "Theirs"
    screens.post(f"segments/{segment.pk}/edit/", form | {"opened": page.context["opened"]})
    assert segment.name == "Theirs"


def test_whoever_is_meant_is_asked(organization: Organization) -> None:
    people = [make_contact(organization, first_name=name) for name in ("Ana", "Anabel")]
    segment, screens = make_segment(organization, kind="static"), Screens(organization)
    answer = screens.post(f"segments/{segment.pk}/add/", {"who": "an"})
    assert not SegmentPin.objects.exists()
    page = screens.client.get(answer.url).content.decode()
    assert all(f'value="{person.pk}">Put in' in page for person in people)
    # Her name is Ana, also where others begin so.
    screens.post(f"segments/{segment.pk}/add/", {"who": "ana"})
    assert set(SegmentPin.objects.values_list("contact_id", flat=True)) == {people[0].pk}
    tried = screens.post("segments/try/", form_of("Oslo") | {"try": "an"}).content.decode()
    assert "Who is meant?" in tried


def test_a_page_that_waits_is_read_anew(organization: Organization) -> None:
    person = make_contact(organization)
    segment, screens = make_segment(organization, kind="static"), Screens(organization)
    screens.post(f"segments/{segment.pk}/add/", {"who": str(person.pk)})
    page = screens.get(f"segments/{segment.pk}/").content.decode()
    assert "In a moment" in page
    assert "HX-Refresh" not in screens.get(f"segments/{segment.pk}/state/").headers
    follow(organization)
    assert screens.get(f"segments/{segment.pk}/state/").headers["HX-Refresh"] == "true"
    assert "In a moment" not in screens.get(f"segments/{segment.pk}/").content.decode()


def test_charts_say_what_they_show(organization: Organization) -> None:
    people = [make_contact(organization, city="Oslo") for _ in range(3)]
    segment = make_segment(organization)
    contact_update(contact=people[0], patch={"city": None}, actor=SCREEN)
    follow(organization)
    page = Screens(organization).get(f"segments/{segment.pk}/").content.decode()
    first, last = (f"{date_format(localdate() - timedelta(days=back), 'j M')}" for back in (29, 0))
    assert f"<span>{first}: 0</span><span>{last}: 2</span>" in page
    assert "<span>3 joined</span><span>1 left</span>" in page
    assert f"<title>{last}: 3 joined, 1 left</title>" in page


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
    for typed in ({}, {"count": "1"}):
        answer = screens.client.post(
            screens.address(f"segments/{second.pk}/delete/"), typed, follow=True
        )
        assert "Type 0, the number of contacts in it" in answer.content.decode()
    assert Segment.objects.count() == 2
    screens.post(f"segments/{second.pk}/delete/", {"count": "0"})
    screens.post(f"segments/{first.pk}/delete/", {"count": "0"})
    assert not Segment.objects.exists()


def test_what_was_filled_in_for_a_deleted_segment_is_not_lost(organization: Organization) -> None:
    segment, screens = make_segment(organization, name="Fair"), Screens(organization)
    form = {**form_of("Bergen"), "name": "Fair", "opened": segment.updated_at.isoformat()}
    segment_delete(segment=segment)
    page = screens.post(f"segments/{segment.pk}/edit/", {**form, "save": "1"})
    text = page.content.decode()
    assert "Saving makes a new one" in text
    assert 'value="Bergen"' in text
    assert 'value="Fair"' in text
    assert f'action="{screens.address("segments/new/")}"' in text


def test_rules_that_come_back_are_refused_before_their_effect_is_shown(
    organization: Organization,
) -> None:
    first, second = make_segment(organization), make_segment(organization, name="Second")
    looks = {"type": "segment", "operator": "member_of"}
    segment_update(segment=second, rules=looks | {"segment": first.pk})
    back = {"rules_json": json.dumps(looks | {"segment": second.pk}), "mode": "json"}
    form = {"name": first.name, "save": "1", **back}
    page = Screens(organization).post(f"segments/{first.pk}/edit/", form)
    assert page.context["review"] is None
    assert "These rules come back to this segment over Second." in page.content.decode()


def test_what_is_shown_is_what_is_saved(organization: Organization) -> None:
    segment, screens = make_segment(organization), Screens(organization)
    form = {"name": segment.name, "save": "1", "confirmed": "of something else"}
    page = screens.post(f"segments/{segment.pk}/edit/", {**form, **form_of("Bergen")})
    assert "others than those whose effect you were shown" in page.content.decode()
    segment.refresh_from_db()
    assert segment.rules == IN_OSLO


def test_names_can_be_seen_and_turn_nothing_round(organization: Organization) -> None:
    screens = Screens(organization)
    page = screens.post("segments/new/static/", {"name": "\u200b\u200d"})
    assert "Give it a name that can be seen." in page.content.decode()
    screens.post("segments/new/static/", {"name": "a\u202e  b\u2066"})
    assert [each.name for each in Segment.objects.all()] == ["a b"]


def test_a_day_to_come_shows_nobody(organization: Organization) -> None:
    make_contact(organization, city="Oslo")
    segment, screens = make_segment(organization), Screens(organization)
    tomorrow = (localdate() + timedelta(days=2)).isoformat()
    page = screens.get(f"segments/{segment.pk}/?at={tomorrow}").content.decode()
    assert "That day has not come yet." in page
    assert "at the end of that day" not in page
    page = screens.get(f"segments/{segment.pk}/?at={localdate().isoformat()}").content.decode()
    assert "1 contact so far today" in page


def test_whoever_is_kept_out_is_counted(organization: Organization) -> None:
    people = [make_contact(organization, first_name="Ana", last_name=str(n)) for n in range(22)]
    segment, screens = make_segment(organization), Screens(organization)
    asked = screens.client.post(
        screens.address(f"segments/{segment.pk}/add/"), {"who": "Ana", "pin": "out"}, follow=True
    )
    assert asked.content.decode().count('name="pin" value="out"') > 2
    for person in people:
        screens.post(f"segments/{segment.pk}/add/", {"who": str(person.pk), "pin": "out"})
    screens.post(f"segments/{segment.pk}/add/", {"who": str(people[0].pk), "pin": "in"})
    page = screens.get(f"segments/{segment.pk}/").content.decode()
    assert "1 always in, 21 always out; the first of them:" in page


def test_none_of_some_is_said_as_one(organization: Organization) -> None:
    ana = make_contact(organization, city="Oslo")
    opened = {"type": "event", "event_type": "email_opened"}
    segment = make_segment(organization, {"not": {"any": [opened, IN_OSLO]}})
    page = Screens(organization).get(f"segments/{segment.pk}/why/{ana.pk}/").content.decode()
    assert "None of these holds" in page
    assert "At least one of these holds" not in page
    assert "Never" in page
    for said in ("Once", "2 times"):
        record(event(ana, "email_opened"))
        page = Screens(organization).get(f"segments/{segment.pk}/why/{ana.pk}/").content.decode()
        assert said in page


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


def test_what_segments_use_stays_and_the_screen_says_why(organization: Organization) -> None:
    tag, field = make_tag(organization, "VIP"), make_custom_field(organization, "age", "number")
    has_tag = {"type": "tag", "operator": "has_any", "values": ["VIP"]}
    by_age = {"type": "custom_field", "field": "age", "operator": "is_set"}
    make_segment(organization, {"any": [has_tag, by_age]}, name="Both")
    screens = Screens(organization)
    for path in (f"tags/{tag.pk}/", f"custom-fields/{field.pk}/"):
        assert "The rules of Both use" in screens.get(path).content.decode()
    for path in (f"tags/{tag.pk}/delete/", f"custom-fields/{field.pk}/delete/"):
        answer = screens.post(path, {"count": "0"})
        assert answer.status_code == 302
        assert "The rules of Both use" in screens.client.get(answer.url).content.decode()
    assert Tag.objects.exists()
    assert CustomFieldDefinition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_selection_becomes_a_list_of_its_own(
    organization: Organization, run_jobs: Callable[[], int]
) -> None:
    people = [make_contact(organization, city="Oslo").pk for _ in range(2)]
    make_contact(organization)
    screens = Screens(organization)
    form = {"action": "segment", "segment_name": "Fair", "ids": ",".join(map(str, people))}
    screens.post("contacts/bulk/", form)
    follow(organization)
    segment = Segment.objects.get()
    assert (segment.name, segment.kind) == ("Fair", "static")
    assert members_of(segment) == set(people)
    # A name that is taken makes nothing, and says so.
    page = screens.client.post(screens.address("contacts/bulk/"), form, follow=True)
    assert "There is a segment “Fair” already" in page.content.decode()
    everybody = {"action": "segment", "segment_name": "Oslo", "everybody": "on"}
    screens.post("contacts/bulk/?city=Oslo", everybody)
    run_jobs()
    assert members_of(Segment.objects.get(name="Oslo")) == set(people)


def test_whoever_made_a_segment_is_told_when_it_fails(organization: Organization) -> None:
    screens = Screens(organization)
    screens.post("segments/new/", form_of("Oslo") | {"name": "People", "save": "1"})
    segment = computed(Segment.objects.get())
    gone = {"type": "custom_field", "field": "gone", "operator": "is_set"}
    Segment.objects.update(rules=gone)
    make_contact(organization)
    follow(organization)
    notice = Notice.objects.get(user=screens.user)
    assert notice.title == "The segment People is no longer followed"
    assert "“gone” is no custom field" in notice.text
    assert notice.link == f"/segments/{segment.pk}/"
