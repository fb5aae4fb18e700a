"""Whatever is wrong with a rule is told by its place in the document and by what was expected there."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.rules.compiler import contacts_of, depends_on
from contacts.rules.nodes import MAX_DEPTH, MAX_NODES, Node, conditions
from contacts.rules.reading import rule_read
from contacts.rules.sentences import sentence_of
from contacts.rules.world import World
from organizations.models import Organization
from tests.contacts.rules.test_property import Undone
from tests.contacts.rules.worlds import NOW, SmallWorld, rules, settle
from tests.factories import make_custom_field, make_tag
from tests.segments.making import IN_OSLO, make_segment


@pytest.fixture
def world(organization: Organization) -> World:
    make_custom_field(organization, "age", "number")
    make_custom_field(organization, "born", "date")
    make_custom_field(organization, "likes", "multi_choice", choices=["Red", "Blue"])
    make_custom_field(organization, "vip", "boolean")
    make_tag(organization, "VIP")
    return World(NOW)


def faults(document: Any, world: World) -> dict[str, str]:
    """What is wrong with a rule: the messages by their places."""
    with pytest.raises(ValidationError) as caught:
        rule_read(document, world=world)
    return {path: " ".join(messages) for path, messages in caught.value.message_dict.items()}


def condition(type: str, **values: Any) -> dict[str, Any]:
    return {"type": type, **values}


def city(**values: Any) -> dict[str, Any]:
    return {"type": "attribute", "field": "city"} | values


def age(**values: Any) -> dict[str, Any]:
    return {"type": "custom_field", "field": "age"} | values


def born(**values: Any) -> dict[str, Any]:
    return {"type": "custom_field", "field": "born"} | values


def opened(**values: Any) -> dict[str, Any]:
    return {"type": "event", "event_type": "email_opened"} | values


def score(**values: Any) -> dict[str, Any]:
    return {"type": "engagement", "metric": "score"} | values


TEXT, NUMBER = {"operator": "equals"}, {"operator": "gt"}
# A rule, the place of its only fault below `rules`, and a part of what is said there.
FAULTS: list[tuple[Any, str, str]] = [
    # Nodes
    (None, "", "Give {“all”: […]}"),
    ([], "", "Give {“all”: […]}"),
    ("x", "", "a condition with a “type”"),
    ({}, "", "a condition with a “type”"),
    ({"all": []}, ".all", "at least one node"),
    ({"any": {}}, ".any", "a list of at least one node"),
    ({"all": None}, ".all", "a list of at least one node"),
    ({"all": [5]}, ".all.0", "Give {“all”: […]}"),
    ({"not": [IN_OSLO]}, ".not", "Give {“all”: […]}"),
    ({"not": None}, ".not", "Give {“all”: […]}"),
    ({"any": [IN_OSLO, {"not": {"all": [IN_OSLO, {}]}}]}, ".any.1.not.all.1", "“type”"),
    ({"all": [IN_OSLO], "any": [IN_OSLO]}, ".any", "only “all”"),
    ({"not": IN_OSLO, "type": "attribute"}, ".type", "only “not”"),
    # Types of conditions
    ({"type": "magic"}, ".type", "“magic” is no kind of condition: give one of attribute, custom"),
    ({"type": None}, "", "“type”"),
    ({"type": 5}, ".type", "“5” is no kind"),
    ({"type": ["tag"]}, ".type", "is no kind"),
    # Fields and operators
    (city(operator="equals"), ".value", "Give “value” here"),
    (city(value="Oslo"), ".operator", "Give “operator” here"),
    (condition("attribute"), ".field", "Give “field” here"),
    (condition("attribute", field="shoe", **TEXT), ".field", "“shoe” is no field of contacts"),
    (condition("attribute", field=5, **TEXT), ".field", "“5” is no field of contacts"),
    (condition("attribute", field="deleted_at", **TEXT), ".field", "no field of contacts"),
    (city(operator="gt", value="x"), ".operator", "no operator for a text: give one of equals"),
    (city(operator=None, value="x"), ".operator", "no operator for a text"),
    (city(operator="equals", value="x", case=True), ".case", "Give only field, operator, value"),
    (condition("custom_field", field="shoe", **TEXT), ".field", "no custom field: give one of age"),
    # Texts
    (city(operator="equals", value=5), ".value", "Give a text"),
    (city(operator="equals", value=None), ".value", "Give a text"),
    (city(operator="equals", value=" "), ".value", "Give a text"),
    (city(operator="equals", value=["Oslo"]), ".value", "Give a text"),
    (city(operator="equals", value="a\0b"), ".value", "without NUL"),
    (city(operator="equals", value="a\ud800"), ".value", "lone surrogates"),
    (city(operator="equals", value="x" * 1001), ".value", "1,000 characters at most"),
    (city(operator="in", value="Oslo"), ".value", "a list of at least one value"),
    (city(operator="in", value=[]), ".value", "a list of at least one value"),
    (city(operator="in", value=["Oslo", None]), ".value.1", "Give a text"),
    (city(operator="in", value=["x"] * 1001), ".value", "1,000 values at most"),
    # Numbers
    (age(operator="gt", value="30"), ".value", "a number here, without quotes"),
    (age(operator="gt", value=True), ".value", "a number here"),
    (age(operator="gt", value=float("nan")), ".value", "a number here"),
    (age(operator="gt", value=float("inf")), ".value", "a number here"),
    (age(operator="gt", value=10**400), ".value", "30 digits at most"),
    (age(operator="gt", value=1e-300), ".value", "30 digits at most"),
    (age(operator="between", value=[1]), ".value", "two values: [least, most]"),
    (age(operator="between", value=[1, 2, 3]), ".value", "2 values at most"),
    (age(operator="between", value=[2, 1]), ".value", "the lesser value first"),
    (age(operator="between", value=[1, "2"]), ".value.1", "a number here"),
    (age(operator="contains", value=1), ".operator", "no operator for a number"),
    # Yes or no, and several choices
    (condition("custom_field", field="vip", operator="equals", value="yes"), ".value", "true or"),
    (condition("attribute", field="is_active", operator="equals", value=1), ".value", "true or"),
    (condition("custom_field", field="likes", operator="equals", value="Red"), ".operator", "sev"),
    (condition("custom_field", field="likes", operator="in", value=[1]), ".value.0", "a text"),
    # Days and moments
    (born(operator="after", value="yesteryear"), ".value", "a date such as 2026-01-31"),
    (born(operator="after", value="2026-02-30"), ".value", "a date such as 2026-01-31"),
    (born(operator="after", value="0001-01-01"), ".value", "a year from 0002 to 9998"),
    (born(operator="after", value=20260101), ".value", "a date such as 2026-01-31"),
    (born(operator="in_last", value="30"), ".value", "a duration such as 30d"),
    (born(operator="in_last", value="0d"), ".value", "a duration such as 30d"),
    (born(operator="in_last", value="-1d"), ".value", "a duration such as 30d"),
    (born(operator="in_last", value="36526d"), ".value", "A hundred years"),
    (born(operator="in_last", value="12h"), ".value", "such as 30d or 2w"),
    (born(operator="anniversary_in_next", value="90m"), ".value", "such as 30d or 2w"),
    (born(operator="in_last", value=30), ".value", "a duration such as 30d"),
    (born(operator="between", value=["today"]), ".value", "two dates: [first, last]"),
    (born(operator="between", value=["today", "yesterday"]), ".value", "the earlier date first"),
    # What happened
    (condition("event"), ".event_type", "Give “event_type” here"),
    (condition("event", event_type=5), ".event_type", "Give a text"),
    (opened(count=3), ".count", "Give an object"),
    (opened(count={"operator": "gte"}), ".count.value", "Give “value” here"),
    (opened(count={"operator": "near", "value": 1}), ".count.operator", "give one of gte, gt"),
    (opened(count={"operator": "lt", "value": 0}), ".count.value", "a whole number from 1 to"),
    (opened(count={"operator": "gte", "value": 1.5}), ".count.value", "a whole number from 0 to"),
    (opened(count={"operator": "gte", "value": True}), ".count.value", "a whole number"),
    (opened(count={"operator": "gte", "value": 10**400}), ".count.value", "a whole number"),
    (opened(within="30d"), ".within", "Give an object"),
    (opened(within={}), ".within", "“last”, “after” or “before”"),
    (opened(within={"last": "30d", "after": "today"}), ".within.after", "Give only last here"),
    (opened(within={"since": "today"}), ".within.since", "only last, after, before"),
    (opened(within={"last": "1y"}), ".within.last", "a duration such as 30d"),
    (opened(within={"before": "noon"}), ".within.before", "a date such as 2026-01-31"),
    (opened(where={}), ".where", "a list of at least one value"),
    (opened(where=["url"]), ".where.0", "“path”"),
    (opened(where=[{"operator": "is_set"}]), ".where.0.path", "Give “path” here"),
    (
        opened(where=[{"path": "url", "operator": "gt", "value": "x"}]),
        ".where.0.operator",
        "a text",
    ),
    (opened(where=[{"path": "url", "operator": "equals", "value": {}}]), ".where.0.value", "a num"),
    (opened(where=[{"path": "x", "operator": "is_set", "more": 1}]), ".where.0.more", "only path"),
    (opened(where=[{"path": "x", "operator": "is_set"}] * 11), ".where", "10 values at most"),
    (opened(campaign="x"), ".campaign", "a whole number from 1 to"),
    (opened(website=0), ".website", "a whole number from 1 to"),
    (condition("engaged_with_last", emails=3), ".at_least", "Give “at_least” here"),
    (condition("engaged_with_last", emails=3, at_least=4), ".at_least", "from 1 to 3"),
    (condition("engaged_with_last", emails=51, at_least=1), ".emails", "from 1 to 50"),
    (condition("activity", activity_type="dance"), ".activity_type", "give one of note"),
    (score(operator="equals", value=1), ".operator", "give one of gt, gte"),
    (score(operator="gt", value="1"), ".value", "a number here"),
    (condition("engagement", metric="luck", **NUMBER), ".metric", "give one of score"),
    (condition("engagement", metric="level", operator="equals", value="hot"), ".value", "never"),
    (condition("engagement", metric="total_emails_sent", operator="is_set"), ".operator", "gte"),
    # What belongs to people
    (condition("tag", operator="has", values=["VIP"]), ".operator", "give one of has_any"),
    (condition("tag", operator="has_any", values="VIP"), ".values", "a list of at least one value"),
    (condition("tag", operator="has_any", values=["VIP", "Lost"]), ".values.1", "There are: VIP."),
    (condition("tag", operator="has_any", values=[5]), ".values.0", "Give a text"),
    (condition("preference", preference_type="spam", is_enabled=True), ".preference_type", "mark"),
    (condition("preference", preference_type="marketing"), ".is_enabled", "Give “is_enabled”"),
    (condition("relationship", relationship_type="foe"), ".relationship_type", "give one of"),
    (condition("relationship", relationship_type="company", related=5), ".related", "Give {“all”"),
    (condition("segment", operator="member_of", segment=10**9), ".segment", "There is no segment"),
    (condition("segment", operator="member_of", segment="1"), ".segment", "a whole number"),
    (condition("segment", operator="in", segment=1), ".operator", "member_of"),
]


def test_each_fault_has_its_place_and_says_what_was_expected(world: World) -> None:
    for document, place, said in FAULTS:
        found = faults(document, world)
        assert list(found) == [f"rules{place}"], (document, found)
        assert said in found[f"rules{place}"], (document, found)


def test_all_faults_are_told_at_once(world: World) -> None:
    rule = {"all": [city(operator="gt"), IN_OSLO, {"any": [5, age(operator="gt", value="x")]}]}
    assert set(faults(rule, world)) == {
        "rules.all.0.operator",
        "rules.all.2.any.0",
        "rules.all.2.any.1.value",
    }


def test_what_belongs_to_others_is_unknown(world: World, organization: Organization) -> None:
    from organizations.scope import organization_scope
    from tests.factories import make_organization

    other = make_organization()
    with organization_scope(other):
        elsewhere = World(NOW)
        for rule, place in (
            (age(operator="gt", value=1), "rules.field"),
            (condition("tag", operator="has_any", values=["VIP"]), "rules.values.0"),
            (
                condition("segment", operator="member_of", segment=make_segment(organization).pk),
                "rules.segment",
            ),
        ):
            assert list(faults(rule, elsewhere)) == [place]


def nested(depth: int) -> Any:
    rule: Any = IN_OSLO
    for _ in range(depth - 1):
        rule = {"not": rule}
    return rule


def test_groups_are_nested_so_deep_and_no_deeper(world: World) -> None:
    assert rule_read(nested(MAX_DEPTH), world=world)
    found = faults(nested(MAX_DEPTH + 1), world)
    assert list(found) == ["rules" + ".not" * MAX_DEPTH]
    assert "8 deep at most" in str(found)
    within = {"type": "relationship", "relationship_type": "company", "related": nested(MAX_DEPTH)}
    assert "8 deep at most" in str(faults(within, world))


def test_a_rule_has_so_many_nodes_and_no_more(world: World) -> None:
    rule = {"any": [IN_OSLO] * (MAX_NODES - 1)}
    assert rule_read(rule, world=world)
    assert faults({"not": rule}, world) == {
        "rules": "A rule has 200 groups and conditions at most."
    }
    assert list(faults({"any": [IN_OSLO] * 100_000}, world)) == ["rules"]


@pytest.mark.parametrize("depth", [100, 3_000, 100_000])
def test_very_deep_json_is_a_fault_like_any_other(world: World, depth: int) -> None:
    for text in (
        '{"not":' * depth + "{}" + "}" * depth,
        '{"type":' * depth + "1" + "}" * depth,
        '{"type": "attribute", "field":' + "[" * depth + "]" * depth + "}",
        '{"type": "attribute", "field": "city", "operator": "equals", "value":'
        + "[" * depth
        + "]" * depth
        + "}",
    ):
        try:
            document = json.loads(text)
        except RecursionError:
            # Doors say so of a text that can't be read.
            continue
        assert faults(document, world)


def test_what_is_said_can_be_written_whatever_was_given(world: World) -> None:
    for name in ("\ud800", "\0", "x" * 10_000, "a.b", "é"):
        for rule in (city(**{name: 1}), {"all": [IN_OSLO], name: 1}, {"type": name}):
            for path, message in faults(rule, world).items():
                assert len(path) < 200
                assert "\0" not in (path + message).encode().decode()


# Fuzzing

WORDS = st.sampled_from(
    [
        *("type", "all", "any", "not", "field", "operator", "value", "values", "related", "within"),
        *("count", "where", "path", "last", "after", "before", "segment", "metric", "emails"),
        *("at_least", "event_type", "activity_type", "preference_type", "is_enabled", "campaign"),
    ]
)
VALUES = st.sampled_from(
    [
        *("attribute", "custom_field", "tag", "event", "engagement", "relationship", "segment"),
        *("city", "created_at", "born", "age", "likes", "score", "level", "last_engaged_at"),
        *("equals", "in", "between", "gt", "in_last", "anniversary_in_next", "is_set", "has_any"),
        *("30d", "2w", "today", "2026-02-29", "2026-01-31", "VIP", "company", "marketing"),
        *(10**400, -1, 0, 1, 1e308, 5e-324, float("nan"), "\0", "\ud800", "", "%s", "{}", "9999d"),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | VALUES
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner, max_size=4)
    ),
    max_leaves=15,
)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inner:
        found.append((document, key))
        if isinstance(value, dict | list):
            found += places(value)
    return found


@st.composite
def broken(draw: st.DrawFn) -> Any:
    """A rule in which one value is another than it was."""
    rule = json.loads(json.dumps(draw(rules)))
    container, key = draw(st.sampled_from(places(rule)))
    container[key] = draw(SCALARS | st.sampled_from([[], {}]) | DOCUMENTS)
    return rule


def works(node: Node, world: World) -> None:
    """What is read compiles, runs, and can be said and followed."""
    assert sentence_of(node, world).encode()
    assert list(contacts_of(node, world)) == []
    assert list(contacts_of(node, world.of([1, 2]))) == []
    depends_on(node, world)
    for each in conditions(node):
        for ids in each.passed(NOW - timedelta(days=1), world):
            assert list(ids) == []


@settings(
    max_examples=80,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(documents=st.lists(broken() | DOCUMENTS, min_size=5, max_size=5))
@pytest.mark.slow
def test_whatever_is_given_is_read_and_works_or_is_refused(
    organization: Organization, documents: list[Any]
) -> None:
    with pytest.raises(Undone), transaction.atomic():
        settle(SmallWorld("Pacific/Auckland", is_indexed=False, people=[]), organization)
        for document in documents:
            world = World(NOW)
            try:
                node = rule_read(document, world=world)
            except ValidationError as error:
                for path, messages in error.message_dict.items():
                    assert path == "rules" or path.startswith("rules.")
                    assert (path + "".join(messages)).encode()
            else:
                works(node, world)
        raise Undone
