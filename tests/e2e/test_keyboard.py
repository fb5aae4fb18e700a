"""What people do without the mouse, on every screen and in lists."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.factories import make_contact, make_tag

PLACES = {"h": "/", "c": "/contacts/", "i": "/imports/", "t": "/tags/", "o": "/operations/"}


@pytest.fixture
def people(visitor: Visitor) -> list[int]:
    """Three contacts in the order of the list, the newest first."""
    names = ("Cy", "Bob", "Ada")
    made = [make_contact(visitor.organization, first_name=name).pk for name in names]
    return made[::-1]


def test_g_and_a_letter_go_places(visitor: Visitor) -> None:
    page = visitor.visit("custom-fields/")
    for letter, path in PLACES.items():
        page.keyboard.press("g")
        page.keyboard.press(letter)
        expect(page).to_have_url(re.compile(rf"/o/[^/]+{path}$"))
        page.wait_for_load_state()


def test_j_and_k_move_and_enter_opens(visitor: Visitor, people: list[int]) -> None:
    page = visitor.visit("contacts/")
    for key, name in (("j", "Ada"), ("j", "Bob"), ("j", "Cy"), ("j", "Cy"), ("k", "Bob")):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/contacts/{people[1]}/$"))


def test_every_list_is_walked(visitor: Visitor) -> None:
    tag = make_tag(visitor.organization, "VIP")
    page = visitor.visit("tags/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/tags/{tag.pk}/$"))


def test_x_selects_and_shift_x_selects_up_to(visitor: Visitor, people: list[int]) -> None:
    page = visitor.visit("contacts/")
    bar = page.locator("#bulk-bar")
    for keys, said in (("jx", "1 contact selected"), ("x", ""), ("x", "1 contact selected")):
        for key in keys:
            page.keyboard.press(key)
        if said:
            expect(bar).to_contain_text(said)
        else:
            expect(bar).to_be_hidden()
    for key in ("j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(bar).to_contain_text("3 contacts selected")


def test_t_tags_the_row_at_hand(visitor: Visitor, people: list[int]) -> None:
    page = visitor.visit("contacts/")
    for key in ("j", "j", "t"):
        page.keyboard.press(key)
    expect(page.get_by_role("combobox", name="Tags")).to_be_focused()
    page.keyboard.type("VIP")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="Bob")).to_contain_text("VIP")
    expect(page.locator("td .k-chip-tag")).to_have_count(1)


def test_keys_are_letters_in_a_field(visitor: Visitor, people: list[int]) -> None:
    page = visitor.visit("contacts/")
    page.keyboard.press("/")
    page.keyboard.type("jx?gct/")
    expect(page.locator("#q")).to_have_value("jx?gct/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#bulk-bar")).to_have_count(0)


def test_search_is_the_palette_where_a_page_has_none(visitor: Visitor) -> None:
    page = visitor.visit("")
    page.keyboard.press("/")
    expect(page.get_by_role("dialog", name="Search or go to")).to_be_visible()


def test_the_palette_is_walked_with_arrows(visitor: Visitor, people: list[int]) -> None:
    make_tag(visitor.organization, "Adagio")
    page = visitor.visit("")
    page.keyboard.press("Meta+k")
    page.keyboard.type("ada")
    results = page.locator("#k-palette-results a")
    expect(results).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(results.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#k-palette-input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#k-palette")).to_be_hidden()


def test_the_first_tab_skips_to_the_content(visitor: Visitor) -> None:
    page = visitor.visit("contacts/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_new_key_is_copied(visitor: Visitor) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.visit("admin/organizations/apikey/add/")
    page.get_by_label("Name").fill("Web shop")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#api-key").input_value()


def test_the_list_of_shortcuts_is_seen_from_its_head_on(visitor: Visitor) -> None:
    page = visitor.visit("tags/")
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts.get_by_role("heading", name="Keyboard shortcuts")).to_be_in_viewport(ratio=1)
