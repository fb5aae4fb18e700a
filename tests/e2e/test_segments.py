"""Segments in a real browser: a nested rule built by keyboard alone, its count, saving, a member and the reason."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from organizations.scope import organization_scope
from segments.models import Segment
from tests.e2e.conftest import Visitor
from tests.factories import make_contact, make_tag
from tests.segments.making import computed, make_segment


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def tab_to(page: Page, pattern: str, key: str = "Tab") -> None:
    """Press Tab until something has the focus whose id fits."""
    for _ in range(60):
        if re.search(pattern, focused(page)):
            return
        page.keyboard.press(key)
    raise AssertionError(f"Tab never came to {pattern}, but to {focused(page)}")


@pytest.fixture
def people(visitor: Visitor) -> Any:
    with organization_scope(visitor.organization):
        make_tag(visitor.organization, "VIP")
        return [
            make_contact(visitor.organization, first_name="Ana", city="Oslo", tags=["VIP"]),
            make_contact(visitor.organization, first_name="Bo", city="Oslo"),
            make_contact(visitor.organization, first_name="Cleo", city="Bergen", tags=["VIP"]),
        ]


def test_a_nested_rule_by_keyboard_alone(visitor: Visitor, people: Any) -> None:
    page = visitor.visit("segments/new/")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("VIPs of Oslo")
    # The first condition: the city is Oslo.
    tab_to(page, "-search$")
    page.keyboard.type("cit")
    press(page, "Enter")
    expect(page.locator("select[id$=-about]")).to_be_focused()
    tab_to(page, "-operator$")
    tab_to(page, "-value$")
    page.keyboard.type("oslo")
    expect(page.locator("#rule-size")).to_have_text("2")
    # A group beside it, whose first condition has the focus.
    tab_to(page, "-add-group$")
    press(page, "Enter")
    inner = page.locator(".k-rule-group .k-rule-group")
    expect(inner.locator("input[id$=-search]")).to_be_focused()
    # By the name of its group, and by an arrow in what is found.
    page.keyboard.type("segments tag")
    press(page, "ArrowDown", "Enter")
    expect(inner.locator("select[id$=-about]")).to_be_focused()
    tab_to(page, "-values-1$")
    press(page, "Space")
    expect(page.locator("#rule-size")).to_have_text("1")
    expect(page.locator("#sentence")).to_have_text("City is oslo and has the tag VIP")
    # Out of the group and back again, by Alt and an arrow; the focus stays.
    had = focused(page)
    press(page, "Alt+ArrowDown")
    expect(page.locator(".k-rule-group .k-rule-group .k-rule")).to_have_count(0)
    assert focused(page) == had
    press(page, "Alt+ArrowUp")
    expect(page.locator(".k-rule-group .k-rule-group .k-rule")).to_have_count(1)
    assert focused(page) == had
    # Whether Bo would be in it, condition by condition.
    tab_to(page, "^try$")
    page.keyboard.type("Bo")
    tried = page.locator("#tried")
    expect(tried).to_contain_text("would not be in it")
    expect(tried.locator(".k-mark-no")).to_have_count(3)
    # Enter in the name saves, wherever the rule has its buttons.
    tab_to(page, "^name$", key="Shift+Tab")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("VIPs of Oslo")
    with organization_scope(visitor.organization):
        computed(Segment.objects.get())
    # The page follows the computation by itself.
    expect(page.locator("#segment-state .k-pill")).to_have_text("Up to date")
    page.reload()
    expect(page.locator("table tbody tr").first).to_contain_text("Ana")
    page.get_by_role("link", name="Why? Ana").press("Enter")
    expect(page.locator(".k-whys .k-mark-yes")).to_have_count(4)
    expect(page.locator(".k-whys")).to_contain_text("City is oslo")


def test_other_rules_are_shown_before_they_are_saved(visitor: Visitor, people: Any) -> None:
    with organization_scope(visitor.organization):
        segment = make_segment(visitor.organization, name="Oslo")
    page = visitor.visit(f"segments/{segment.pk}/edit/")
    page.locator("input[id$=-value]").fill("Bergen")
    page.locator("#save").click()
    review = page.locator("#review")
    expect(review).to_contain_text("+1")
    expect(review).to_contain_text("−2")
    expect(review).to_contain_text("Cleo")
    page.locator("#confirm").click()
    expect(page.locator("#rule-title + .k-sentence")).to_have_text("City is Bergen")


def test_an_unfinished_rule_says_what_is_missing(visitor: Visitor, people: Any) -> None:
    page = visitor.visit("segments/new/")
    page.locator("#name").fill("Nobody yet")
    page.locator("#save").click()
    expect(page.locator(".k-rule .k-error")).to_contain_text("Choose what")
    page.locator("select[id$=-about]").select_option("attribute:city")
    expect(page.locator("#unfinished")).to_be_visible()
