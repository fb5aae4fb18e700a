"""Why a contact is in a segment, or is not: the tree of its rule with what is so of them, in one query."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from contacts.rules.reading import rule_read
from contacts.rules.world import World
from contacts.services.activities import activity_add
from contacts.services.events import events_record
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment
from segments.selectors.explaining import Explained, explain, rule_explained
from segments.services.pins import contacts_pin
from tests.contacts.rules.worlds import NOW
from tests.factories import (
    SCREEN,
    make_contact,
    make_custom_field,
    make_organization,
    make_relationship,
    make_tag,
)
from tests.segments.making import IN_OSLO, follow, make_segment, right_members


def leaves(node: Explained | None) -> list[Explained]:
    assert node is not None
    if not node.children:
        return [node]
    return [leaf for child in node.children for leaf in leaves(child)]


def event(contact: Contact, kind: str, number: int, ago: timedelta) -> dict[str, Any]:
    return {
        "message_id": str(number),
        "event_type": kind,
        "contact": {"id": contact.pk},
        "occurred_at": (NOW - ago).isoformat(),
        "data": {"url": "/pricing"},
    }


@pytest.fixture
def ana(organization: Organization) -> Contact:
    make_custom_field(organization, "age", "number")
    make_custom_field(organization, "born", "date", is_indexed=True)
    make_custom_field(organization, "likes", "multi_choice", choices=["Red", "Blue"])
    ana = make_contact(
        organization,
        city="Bergen",
        tags=["VIP", "Lead"],
        custom_fields={"age": 31, "born": "1996-02-29", "likes": ["Red"]},
    )
    make_relationship(ana, make_contact(organization, kind="company", company_name="Acme"))
    activity_add(contact=ana, activity_type="call", actor=SCREEN, data={"text": "Spoke"})
    sent = [event(ana, "email_sent", number, timedelta(days=number)) for number in (1, 2)]
    opened = [event(ana, "email_opened", number, timedelta(days=number)) for number in (3, 40)]
    events_record(events=[*sent, *opened], actor=SCREEN)
    return ana


def condition(type: str, **values: Any) -> dict[str, Any]:
    return {"type": type, **values}


def conditions_of(segment: Segment) -> list[tuple[Any, bool, Any]]:
    """Rules, whether they hold of Ana, and what is so of her."""
    opened = condition("event", event_type="email_opened")
    return [
        (IN_OSLO, False, "Bergen"),
        (condition("attribute", field="country", operator="is_not_set"), True, None),
        (condition("custom_field", field="age", operator="gt", value=30), True, "31"),
        (condition("custom_field", field="born", operator="before", value="today"), True, "1996"),
        (condition("custom_field", field="likes", operator="contains", value="Blue"), False, "Red"),
        (condition("tag", operator="has_all", values=["VIP", "Old"]), False, ["Lead", "VIP"]),
        (opened, True, 2),
        (opened | {"within": {"last": "30d"}}, True, 1),
        (opened | {"count": {"operator": "lt", "value": 2}}, False, 2),
        (opened | {"event_type": "page_visited"}, False, 0),
        (condition("activity", activity_type="call"), True, 1),
        (condition("engaged_with_last", emails=2, at_least=1), False, 0),
        (condition("engagement", metric="total_emails_opened", operator="gte", value=2), True, 2),
        (
            condition("engagement", metric="last_engaged_at", operator="in_last", value="7d"),
            True,
            "2",
        ),
        (condition("preference", preference_type="marketing", is_enabled=False), False, True),
        (
            condition("engagement", metric="level", operator="equals", value="never"),
            False,
            "cooling",
        ),
        (condition("relationship", relationship_type="company"), True, ["Acme"]),
        (condition("segment", operator="not_member_of", segment=segment.pk), True, False),
    ]


def test_each_condition_tells_what_it_looked_at(organization: Organization, ana: Contact) -> None:
    make_tag(organization, "Old")
    with time_machine.travel(NOW, tick=False):
        expected = conditions_of(make_segment(organization))
        segment = make_segment(organization, {"any": [rule for rule, *_ in expected]})
        explained = explain(segment=segment, contact_id=ana.pk)
    assert (explained.holds, explained.pin) == (True, None)
    assert explained.member_since == NOW
    assert explained.tree is not None
    found = leaves(explained.tree)
    for leaf, (rule, holds, value) in zip(found, expected, strict=True):
        assert leaf.document == rule
        assert leaf.result == holds, rule
        assert leaf.sentence
        shown = sorted(leaf.value) if isinstance(leaf.value, list) else leaf.value
        if isinstance(value, str):
            assert value in str(shown), rule
        else:
            assert shown == value, rule


def test_groups_hold_as_their_conditions_do(organization: Organization, ana: Contact) -> None:
    no, yes = IN_OSLO, {"not": IN_OSLO}
    segment = make_segment(organization, {"all": [{"any": [no, yes]}, {"not": {"all": [yes, no]}}]})
    tree = explain(segment=segment, contact_id=ana.pk).tree
    assert tree is not None
    document = tree.as_document()
    assert document["result"] is True
    either, neither = document["all"]
    assert (either["result"], [each["result"] for each in either["any"]]) == (True, [False, True])
    assert (neither["result"], neither["not"]["result"]) == (True, False)
    leaf = either["any"][0]
    assert leaf == IN_OSLO | {"result": False, "actual": "Bergen", "sentence": "city is Oslo"}


def test_explaining_takes_one_query(organization: Organization, ana: Contact) -> None:
    make_tag(organization, "Old")
    expected = conditions_of(make_segment(organization))
    world = World(NOW)
    rule = {"any": [rule for rule, *_ in expected]}
    node = rule_read(rule, world=world)
    with CaptureQueriesContext(connection) as captured:
        rule_explained(node=node, document=rule, contact_id=ana.pk, world=world)
    asked = [query["sql"] for query in captured if 'FROM "organizations"' not in query["sql"]]
    assert len(asked) == 1, asked


def test_pins_are_told_apart_from_rules(organization: Organization) -> None:
    ana, bo = make_contact(organization, city="Oslo"), make_contact(organization)
    segment = make_segment(organization)
    contacts_pin(segment=segment, selection={"ids": [ana.pk]}, is_in=False, actor=SCREEN)
    contacts_pin(segment=segment, selection={"ids": [bo.pk]}, is_in=True, actor=SCREEN)
    follow(organization)
    out, in_ = (explain(segment=segment, contact_id=each.pk) for each in (ana, bo))
    assert (out.holds, out.pin, out.member_since) == (True, False, None)
    assert (in_.holds, in_.pin) == (False, True)
    assert in_.member_since is not None


def test_what_is_kept_by_hand_has_no_rule(organization: Organization) -> None:
    ana, segment = make_contact(organization), make_segment(organization, kind="static")
    explained = explain(segment=segment, contact_id=ana.pk)
    assert (explained.holds, explained.pin, explained.tree) == (False, None, None)


def test_nobody_of_another_organization_is_explained(organization: Organization) -> None:
    segment = make_segment(organization)
    other = make_organization()
    theirs = make_contact(other, city="Oslo")
    with pytest.raises(Contact.DoesNotExist):
        explain(segment=segment, contact_id=theirs.pk)
    with organization_scope(other):
        explained = explain(segment=segment, contact_id=theirs.pk)
        assert (explained.pin, explained.member_since) == (None, None)
    Segment.objects.filter(pk=segment.pk).update(rules={"type": "magic"})
    segment.refresh_from_db()
    ana = make_contact(organization)
    with pytest.raises(ValidationError):
        explain(segment=segment, contact_id=ana.pk)


def test_it_says_what_the_members_say(organization: Organization, ana: Contact) -> None:
    """The answer for one contact is that of the computation for everybody."""
    make_tag(organization, "Old")
    with time_machine.travel(NOW, tick=False):
        for rule, *_ in conditions_of(make_segment(organization)):
            segment = make_segment(organization, rule)
            for contact in Contact.objects.all():
                holds = explain(segment=segment, contact_id=contact.pk).holds
                assert holds == (contact.pk in right_members(segment)), rule
