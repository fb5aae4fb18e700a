"""Rules in plain English: one sentence each, in which groups can't be mistaken."""

from typing import Any

from contacts.rules.reading import rule_read
from contacts.rules.sentences import sentence_of
from contacts.rules.world import World
from organizations.models import Organization
from tests.contacts.rules.worlds import NOW
from tests.factories import make_custom_field, make_tag
from tests.segments.making import IN_OSLO, make_segment


def opened(**values: Any) -> dict[str, Any]:
    return {"type": "event", "event_type": "email_opened"} | values


def attribute(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    rule = {"type": "attribute", "field": field, "operator": operator}
    return rule if value is None else rule | {"value": value}


def custom(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "custom_field", "field": field, "operator": operator, "value": value}


def tag(operator: str, *values: str) -> dict[str, Any]:
    return {"type": "tag", "operator": operator, "values": list(values)}


def metric(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "engagement", "metric": name, "operator": operator, "value": value}


SENTENCES: list[tuple[Any, str]] = [
    (IN_OSLO, "City is Oslo"),
    (attribute("city", "not_in", ["Oslo", "Bergen"]), "City is not Oslo or Bergen"),
    (attribute("city", "in", list("abcdef")), "City is a, b, c, d or 2 others"),
    (attribute("email", "ends_with", "@x.org"), "E-mail ends with @x.org"),
    (attribute("external_id", "is_set"), "External ID is known"),
    (attribute("city", "is_not_set"), "City is not known"),
    (attribute("is_active", "equals", False), "Is not active"),
    (attribute("created_at", "in_last", "1d"), "Added to Kith is in the last day"),
    (attribute("created_at", "not_in_last", "2w"), "Added to Kith is not in the last 2 weeks"),
    (attribute("created_at", "equals", "today"), "Added to Kith is today"),
    (
        attribute("created_at", "not_equals", "2026-01-31"),
        "Added to Kith is not on 31 January 2026",
    ),
    (
        attribute("created_at", "before", "2026-01-31T12:00:00Z"),
        "Added to Kith is before 31 January 2026 12:00 UTC",
    ),
    (custom("age", "between", [18, 30.5]), "“Age” is between 18 and 30.5"),
    (custom("age", "gte", 100), "“Age” is at least 100"),
    (custom("born", "after", "2000-01-01"), "“Born” is on or after 1 January 2000"),
    (custom("born", "anniversary_in_next", "7d"), "“Born” returns in the next 7 days"),
    (custom("likes", "not_contains", "Red"), "“Likes” does not have Red"),
    (tag("has_any", "vip"), "Has the tag VIP"),
    (tag("has_any", "vip", "LEAD"), "Has the tag VIP or Lead"),
    (tag("has_all", "VIP", "Lead"), "Has the tags VIP and Lead"),
    (tag("has_none", "VIP"), "Does not have the tag VIP"),
    (opened(), "Opened an e-mail"),
    (
        opened(count={"operator": "gte", "value": 3}, within={"last": "30d"}),
        "Opened an e-mail at least 3 times in the last 30 days",
    ),
    (opened(count={"operator": "equals", "value": 0}), "Never opened an e-mail"),
    (opened(count={"operator": "gt", "value": 0}), "Opened an e-mail"),
    (opened(count={"operator": "lt", "value": 2}), "Opened an e-mail at most once"),
    (
        opened(within={"after": "2026-01-01", "before": "today"}),
        "Opened an e-mail on or after 1 January 2026 and before today",
    ),
    (
        opened(campaign=7, where=[{"path": "url", "operator": "contains", "value": "/pricing"}]),
        "Opened an e-mail of campaign 7 where its url contains /pricing",
    ),
    ({"type": "event", "event_type": "paid"}, "Did “paid”"),
    ({"type": "activity", "activity_type": "call"}, "Had a call"),
    ({"type": "activity", "activity_type": "email"}, "Had an e-mail"),
    (
        {"type": "engaged_with_last", "emails": 3, "at_least": 2},
        "Opened or clicked at least 2 of the last 3 e-mails",
    ),
    (
        {"type": "engaged_with_last", "emails": 3, "at_least": 3},
        "Opened or clicked each of the last 3 e-mails",
    ),
    (
        {"type": "engaged_with_last", "emails": 1, "at_least": 1},
        "Opened or clicked the last e-mail",
    ),
    (metric("score", "gt", 10), "Engagement score is more than 10"),
    (metric("level", "in", ["cooling", "never"]), "Engagement is cooling or never"),
    (metric("total_emails_opened", "lte", 2), "Number of e-mails opened is at most 2"),
    (metric("last_engaged_at", "in_last", "90d"), "Last engagement is in the last 90 days"),
    (
        {"type": "preference", "preference_type": "newsletter", "is_enabled": True},
        "Has newsletter mail switched on",
    ),
    ({"type": "relationship", "relationship_type": "company"}, "Works at somebody"),
    (
        {
            "type": "relationship",
            "relationship_type": "company",
            "related": {"all": [IN_OSLO, tag("has_any", "VIP")]},
        },
        "Works at somebody of whom holds: (city is Oslo and has the tag VIP)",
    ),
    # Groups
    ({"all": [IN_OSLO]}, "City is Oslo"),
    ({"not": IN_OSLO}, "Not (city is Oslo)"),
    ({"not": {"any": [IN_OSLO, opened()]}}, "Not (city is Oslo or opened an e-mail)"),
    (
        {"all": [IN_OSLO, {"any": [tag("has_any", "VIP"), {"not": opened()}]}]},
        "City is Oslo and (has the tag VIP or not (opened an e-mail))",
    ),
    (
        {"any": [IN_OSLO, {"all": [{"any": [IN_OSLO]}, opened()]}]},
        "City is Oslo or (city is Oslo and opened an e-mail)",
    ),
]


def test_every_kind_of_rule_has_its_sentence(organization: Organization) -> None:
    make_custom_field(organization, "age", "number", label="Age")
    make_custom_field(organization, "born", "date", label="Born")
    make_custom_field(organization, "likes", "multi_choice", label="Likes", choices=["Red"])
    make_tag(organization, "VIP")
    make_tag(organization, "Lead")
    world = World(NOW)
    found = [(rule, sentence_of(rule_read(rule, world=world), world)) for rule, _ in SENTENCES]
    assert found == SENTENCES


def test_a_segment_is_called_by_its_name(organization: Organization) -> None:
    segment = make_segment(organization, name="Northerners")
    world = World(NOW)
    for operator, verb in (("member_of", "is in"), ("not_member_of", "is not in")):
        rule = {"type": "segment", "operator": operator, "segment": segment.pk}
        sentence = sentence_of(rule_read(rule, world=world), world)
        assert sentence == f"{verb.capitalize()} the segment Northerners"
