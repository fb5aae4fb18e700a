"""Making, changing and deleting segments; the words that their rules are made of."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.models import PreferenceType, SavedView
from contacts.rules.world import World
from contacts.services.contacts import contact_update
from contacts.services.custom_fields import custom_field_delete
from contacts.services.kinds import preference_type_update
from contacts.services.websites import website_create, website_delete
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.jobs import enqueue_time
from segments.models import Segment, SegmentMembershipLog, SegmentRefresh
from segments.selectors.sentences import sentences
from segments.selectors.usage import segment_users
from segments.services.segments import segment_create, segment_delete, segment_update
from tags.services.tags import tag_delete, tag_update
from tests.factories import (
    SCREEN,
    make_contact,
    make_custom_field,
    make_organization,
    make_tag,
    make_view,
)
from tests.segments.making import (
    IN_OSLO,
    computed,
    follow,
    make_segment,
    members_of,
    pass_time,
)

VIP = {"type": "tag", "operator": "has_any", "values": ["VIP"]}


def in_segment(segment: Segment, operator: str = "member_of") -> dict[str, Any]:
    return {"type": "segment", "operator": operator, "segment": segment.pk}


def related(rule: Any) -> dict[str, Any]:
    return {"type": "relationship", "relationship_type": "company", "related": rule}


def refused(act: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        act()
    return caught.value.message_dict


# Cycles and users


def test_cycles_are_refused_however_long(organization: Organization) -> None:
    first = make_segment(organization)
    second = make_segment(organization, {"not": in_segment(first)})
    third = make_segment(organization, {"any": [IN_OSLO, related(in_segment(second))]})
    for rule in (in_segment(first), in_segment(third), {"all": [VIP_FREE, in_segment(second)]}):
        found = refused(lambda rule=rule: segment_update(segment=first, rules=rule))
        assert list(found) == ["rules"]
        assert "come back to this segment" in found["rules"][0]
    first.refresh_from_db()
    assert (first.rules, first.depends_on, first.status) == (IN_OSLO, [], "ready")
    # Both may look at the same one.
    assert segment_update(segment=third, rules=in_segment(first)).depends_on == [first.pk]


VIP_FREE = {"not": IN_OSLO}


def test_what_is_used_is_not_deleted_and_says_by_whom(organization: Organization) -> None:
    first = make_segment(organization, name="Northerners")
    second = make_segment(organization, related(in_segment(first)), name="Their firms")
    found = refused(lambda: segment_delete(segment=first))
    assert found == {"segment": ["Northerners is used by Their firms. Change those first."]}
    segment_delete(segment=second)
    segment_delete(segment=first)
    assert not Segment.objects.exists()
    assert not SegmentMembershipLog.objects.exists()


def test_a_name_is_one_whatever_its_case(organization: Organization) -> None:
    segment = make_segment(organization, name="Straße")
    other = make_segment(organization, name="Other")
    assert "already" in str(refused(lambda: segment_create(name="STRASSE ", rules=IN_OSLO)))
    assert "already" in str(refused(lambda: segment_update(segment=other, name="strasse")))
    assert segment_update(segment=segment, name="STRASSE").name == "STRASSE"
    with organization_scope(make_organization()):
        assert segment_create(name="Straße", rules=IN_OSLO).status == "building"


def test_what_is_wrong_writes_nothing(organization: Organization) -> None:
    for values, place in (
        ({"name": "A", "rules": {"all": []}}, "rules.all"),
        ({"name": "A", "rules": None}, "rules"),
        ({"name": "", "rules": IN_OSLO}, "name"),
        ({"name": "A", "rules": IN_OSLO, "kind": "static"}, "rules"),
        ({"name": "A", "rules": IN_OSLO, "kind": "magic"}, "kind"),
    ):
        assert list(refused(lambda values=values: segment_create(**values))) == [place]
    assert not Segment.objects.exists()
    assert not SegmentRefresh.objects.exists()


# Words


def test_renaming_a_tag_leaves_rules_as_they_are_meant(organization: Organization) -> None:
    ana, tag = make_contact(organization, tags=["VIP"]), make_tag(organization, "VIP")
    rule = {"all": [{"not": {"type": "tag", "operator": "has_none", "values": ["vip"]}}, VIP]}
    segment, firms = make_segment(organization, rule), make_segment(organization, related(VIP))
    tag_update(tag=tag, name="Gold", color=tag.color, description="")
    for each in (segment, firms):
        each.refresh_from_db()
        assert "Gold" in str(each.rules)
        assert "vip" not in str(each.rules).lower()
    assert sentences([segment])[segment.pk].count("the tag Gold") == 2
    assert (segment.status, members_of(segment)) == ("ready", {ana.pk})
    contact_update(contact=ana, patch={f"tag:{tag.pk}": None}, actor=SCREEN)
    follow(organization)
    assert members_of(segment) == set()


def test_words_in_use_stay_and_say_where(organization: Organization) -> None:
    field = make_custom_field(organization, "age", "number", label="Age")
    tag = make_tag(organization, "VIP")
    by_age = {"type": "custom_field", "field": "age", "operator": "is_set"}
    segments = [
        make_segment(organization, {"not": {"any": [IN_OSLO, by_age]}}, name="By age"),
        make_segment(organization, related({"all": [VIP]}), name="Their firms"),
    ]
    with pytest.raises(ValidationError, match="The rules of By age use the field Age"):
        custom_field_delete(definition=field)
    with pytest.raises(ValidationError, match="The rules of Their firms use the tag VIP"):
        tag_delete(tag=tag, actor=SCREEN)
    for segment in segments:
        segment_update(segment=segment, rules=IN_OSLO)
    custom_field_delete(definition=field)
    tag_delete(tag=tag, actor=SCREEN)


def test_words_of_others_are_not_in_use_here(organization: Organization) -> None:
    make_tag(organization, "VIP")
    make_segment(organization, VIP)
    other = make_organization()
    theirs = make_tag(other, "VIP")
    with organization_scope(other):
        tag_delete(tag=theirs, actor=SCREEN)


# What rules mean


def default_of(key: str, is_enabled: bool) -> None:
    kind = PreferenceType.objects.get(key=key)
    preference_type_update(
        kind=kind, label=kind.label, description="", is_enabled_by_default=is_enabled
    )


def test_another_default_of_a_kind_of_mail_is_computed(organization: Organization) -> None:
    ana = make_contact(organization)
    rule = {"type": "preference", "preference_type": "newsletter", "is_enabled": True}
    segment = make_segment(organization, {"all": [rule]})
    other = make_segment(organization, rule | {"preference_type": "marketing"})
    before = members_of(segment)
    default_of("newsletter", not before)
    segment.refresh_from_db()
    other.refresh_from_db()
    assert (segment.status, other.status) == ("stale", "ready")
    assert members_of(computed(segment)) == {ana.pk} - before
    # The same once more is nothing new.
    default_of("newsletter", not before)
    segment.refresh_from_db()
    assert segment.status == "ready"


@pytest.mark.parametrize("is_moving", [True, False])
def test_another_timezone_is_computed(organization: Organization, is_moving: bool) -> None:
    """Days begin at other moments there: of calendar words as of dates."""
    rule = {"type": "attribute", "field": "created_at", "operator": "after"}
    segment = make_segment(organization, rule | {"value": "today" if is_moving else "2026-01-01"})
    by_hand = make_segment(organization, kind="static")
    assert segment.knows_time == is_moving
    assert enqueue_time() == int(is_moving)
    Organization.objects.filter(pk=organization.pk).update(timezone="Pacific/Auckland")
    assert enqueue_time() == 1
    pass_time(organization)
    segment.refresh_from_db()
    assert segment.status == "stale"
    assert computed(segment).computed_timezone == "Pacific/Auckland"
    assert by_hand.refreshes.count() == 0
    assert enqueue_time() == int(is_moving)


def test_who_gets_and_loses_a_value_moves(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    ana = make_contact(organization, city=None)
    rules = [
        {"type": "attribute", "field": "city", "operator": "is_set"},
        {"type": "custom_field", "field": "age", "operator": "is_set"},
        {"type": "attribute", "field": "city", "operator": "is_not_set"},
        {"type": "custom_field", "field": "age", "operator": "not_equals", "value": 30},
    ]
    segments = [make_segment(organization, rule) for rule in rules]

    def members() -> list[bool]:
        return [members_of(segment) == {ana.pk} for segment in segments]

    assert members() == [False, False, True, True]
    for city, age, expected in (
        ("Oslo", 30, [True, True, False, False]),
        ("Oslo", 31, [True, True, False, True]),
        (None, None, [False, False, True, True]),
    ):
        patch = {"city": city, "custom:age": age}
        contact_update(contact=ana, patch=patch, actor=SCREEN)
        follow(organization)
        assert members() == expected


def test_a_rule_that_can_not_be_read_any_more_says_so(organization: Organization) -> None:
    segment = make_segment(organization)
    gone = {"type": "custom_field", "field": "gone", "operator": "is_set"}
    Segment.objects.filter(pk=segment.pk).update(rules=gone)
    segment.refresh_from_db()
    assert "“gone” is no custom field" in sentences([segment])[segment.pk]
    assert World(timezone.now()).fields == {}


def test_a_website_in_use_stays(organization: Organization) -> None:
    site = website_create(name="Shop", domain="shop.example.org")
    visited = {"type": "event", "event_type": "page_visited", "website": site.pk}
    segment = make_segment(organization, visited, name="Visitors")
    assert "on Shop" in sentences([segment])[segment.pk]
    with pytest.raises(ValidationError, match="The rules of Visitors use the website Shop"):
        website_delete(website=site)
    with organization_scope(make_organization()):
        faults = refused(lambda: segment_create(name="Theirs", rules=visited))
        assert faults == {"rules.website": [f"There is no website {site.pk}."]}
    segment_delete(segment=segment)
    website_delete(website=site)


def test_a_shared_view_keeps_its_segment(organization: Organization) -> None:
    segment = make_segment(organization)
    view = make_view(organization, "Oslo", filters={"segment": str(segment.pk)}, is_shared=True)
    (user,) = segment_users(segment=segment)
    assert (user.what, user.name, user.pk) == ("view of contacts", "Oslo", view.pk)
    with pytest.raises(ValidationError, match="is used by Oslo"):
        segment_delete(segment=segment)
    SavedView.objects.update(is_shared=False)
    segment_delete(segment=segment)


def test_texts_have_no_nul(organization: Organization) -> None:
    for values in ({"name": "a\0"}, {"name": "a", "description": "\0"}):
        faults = refused(lambda values=values: segment_create(kind="static", **values))
        assert "NUL" in str(faults)
