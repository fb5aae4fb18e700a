"""The builder: what the inputs say is what the rule says, and the other way round."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contacts.rules.reading import rule_read
from contacts.rules.world import World
from organizations.models import Organization
from segments.builder.documents import document_of
from segments.builder.drafts import Draft, act, condition, draft_of, group
from segments.builder.filling import draft_from, is_drawable, plain
from segments.builder.from_filters import can_be_rules, document_from_filters
from segments.builder.inputs import row_of
from segments.builder.vocabulary import Vocabulary, vocabulary
from tests.contacts.rules.worlds import CHOICES, FIELDS, TAGS, rules
from tests.factories import make_custom_field, make_import, make_tag
from tests.segments.making import IN_OSLO, make_segment


@pytest.fixture
def known(organization: Organization) -> Vocabulary:
    for name in TAGS:
        make_tag(organization, name)
    for key, kind in FIELDS.items():
        choices = CHOICES if kind == "multi_choice" else ()
        make_custom_field(organization, key=key, type=kind, choices=choices)
    return vocabulary()


def posted(draft: Draft, known: Vocabulary) -> QueryDict:
    """What a browser posts of the form that shows a draft."""
    form = QueryDict(mutable=True)

    def fill(node: Draft, parent: str) -> None:
        form.appendlist("node", f"{node.key}|{parent}|{'group' if node.is_group else 'condition'}")
        if node.is_group:
            form[f"{node.key}-word"] = node.word
        else:
            row = row_of(node, known)
            form[f"{node.key}-about"] = row.choice.name if row.choice else ""
            for each in row.inputs:
                name = f"{node.key}-{each.name}"
                if each.kind == "ticks":
                    offered = [value for value, _ in each.options if value in each.chosen]
                    form.setlist(name, offered)
                elif each.kind == "select":
                    values = [value for value, _ in each.options]
                    form[name] = each.value if each.value in values else (values or [""])[0]
                else:
                    form[name] = each.value
        for child in node.children:
            fill(child, node.key)

    fill(draft, "")
    return form


@settings(
    max_examples=150,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(data=st.data())
def test_what_can_be_drawn_comes_back_from_the_form(known: Vocabulary, data: Any) -> None:
    rule = data.draw(rules)
    if not is_drawable(rule, known):
        return
    form = posted(draft_from(rule), known)
    back = document_of(draft_of(form), known).document
    assert plain(back) == plain(rule)
    rule_read(back, world=World(timezone.now()))


def test_most_rules_can_be_drawn(known: Vocabulary) -> None:
    for rule in (
        IN_OSLO,
        {"not": {"all": [IN_OSLO, {"any": [IN_OSLO, {"not": IN_OSLO}]}]}},
        {"type": "event", "event_type": "webinar", "count": {"operator": "gt", "value": 2}},
        {
            "type": "custom_field",
            "field": "born",
            "operator": "between",
            "value": ["today", "tomorrow"],
        },
        {"type": "engagement", "metric": "level", "operator": "not_in", "value": ["never"]},
        {"type": "tag", "operator": "has_all", "values": ["VIP", "Old"]},
        {
            "type": "relationship",
            "relationship_type": "company",
            "related": {"any": [IN_OSLO, IN_OSLO]},
        },
    ):
        assert is_drawable(rule, known), json.dumps(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"type": "event", "event_type": "page_visited", "campaign": 7},
        {"type": "event", "event_type": "page_visited", "within": {"last": "90m"}},
        {"type": "event", "event_type": "x", "where": [{"path": "a", "operator": "is_set"}] * 2},
        {"type": "import", "import": 5},
        {"type": "tag", "operator": "has_any", "values": ["Gone"]},
        {"type": "nonsense"},
        {"all": "nonsense"},
        None,
        [],
    ],
)
def test_what_the_inputs_can_not_say_is_left_to_json(known: Vocabulary, rule: Any) -> None:
    assert not is_drawable(rule, known)


def test_nodes_are_moved_past_into_and_out_of_groups() -> None:
    first, second, inner = condition(about="1"), condition(about="2"), condition(about="3")
    below = group("any", [inner])
    root = group("all", [first, second, below])
    act(root, f"down:{first.key}")
    assert root.children == [second, first, below]
    act(root, f"down:{first.key}")
    assert (root.children, below.children) == ([second, below], [first, inner])
    act(root, f"up:{first.key}")
    assert (root.children, below.children) == ([second, first, below], [inner])
    act(root, f"down:{inner.key}")
    assert (root.children, below.children) == ([second, first, below, inner], [])
    assert act(root, f"up:{root.key}") == root.key
    assert act(root, f"remove:{below.key}") == inner.key
    made = act(root, f"add-group:{root.key}")
    assert root.children[-1].children[0].key == made


def test_a_form_that_nobody_filled_in_honestly_is_a_rule_all_the_same(known: Vocabulary) -> None:
    form = QueryDict(mutable=True)
    form.setlist("node", ["a||group", "b|nobody|condition", "c|a|condition", "c|a|group", "!|a|x"])
    form["a-word"], form["c-about"], form["c-operator"] = "nonsense", "attribute:city", "nonsense"
    draft = draft_of(form)
    assert (draft.word, [child.key for child in draft.children]) == ("all", ["c"])
    assert document_of(draft, known).document == {
        "all": [{"type": "attribute", "field": "city", "operator": "equals"}]
    }
    assert draft_of(QueryDict()).is_group


def test_filters_of_the_list_become_rules(organization: Organization) -> None:
    segment = make_segment(organization)
    make_tag(organization, "VIP")
    filters = {
        "city": "Oslo",
        "tag": "VIP",
        "created_in_last": "7d",
        "engagement": "cooling",
        "segment": str(segment.pk),
    }
    document = document_from_filters(filters)
    assert can_be_rules(filters)
    assert is_drawable(document, vocabulary())
    rule_read(document, world=World(timezone.now()))
    assert not can_be_rules({"q": "ana"})
    # The list takes it for the number of a tag.
    assert not can_be_rules({"tag": "VIP, 12"})
    assert document_from_filters({"q": "ana"}) is None


def test_an_import_is_chosen_by_its_file(organization: Organization) -> None:
    job = make_import(organization, "E-mail\nana@a.example\n", name="fair.csv")
    known, rule = vocabulary(), {"type": "import", "import": job.pk}
    assert is_drawable(rule, known)
    choice = known.find("import")
    assert choice is not None
    assert choice.options == ((str(job.pk), f"fair.csv ({job.pk})"),)
    assert document_of(draft_of(posted(draft_from(rule), known)), known).document == {"all": [rule]}


@pytest.mark.parametrize("about", ["segment", "import"])
def test_none_is_meant_before_one_is_chosen(organization: Organization, about: str) -> None:
    make_import(organization, "E-mail\nana@a.example\n")
    make_segment(organization)
    known, draft = vocabulary(), group("all", [condition(about=about)])
    row = row_of(draft.children[0], known)
    assert row.inputs[-1].options[0] == ("", "Choose…")
    with pytest.raises(ValidationError, match="Give “") as told:
        rule_read(document_of(draft, known).document, world=World(timezone.now()))
    assert list(told.value.error_dict) == [f"rules.all.0.{about}"]
