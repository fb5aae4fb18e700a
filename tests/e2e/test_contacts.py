"""Contacts in a real browser: typing, keys, selecting, tagging, deleting."""

import re

import pytest
from playwright.sync_api import expect

from contacts.models import Contact
from contacts.services.consent import preferences_set
from contacts.services.contacts import contact_update
from organizations.scope import organization_scope
from tests.e2e.conftest import Visitor
from tests.factories import SCREEN, imported, make_contact, make_import, make_view


def test_search_narrows_the_list_as_one_types(visitor: Visitor) -> None:
    make_contact(visitor.organization, first_name="Ada", tags=["VIP"])
    make_contact(visitor.organization, first_name="Bob")
    page = visitor.visit("contacts/")
    page.keyboard.press("/")
    page.keyboard.type("ada")
    expect(page.get_by_text("Bob")).to_have_count(0)
    expect(page.locator("#q")).to_be_focused()
    expect(page).to_have_url(re.compile("q=ada"))
    page.goto(page.url)
    expect(page.locator("#q")).to_have_value("ada")


def test_a_view_is_saved_opened_changed_and_updated(visitor: Visitor) -> None:
    for name, city in (("Ada", "Oslo"), ("Bob", "Oslo"), ("Cy", "Bergen")):
        make_contact(visitor.organization, first_name=name, city=city, phone="+4722222222")
    page = visitor.visit("contacts/")
    page.locator("#filters summary").click()
    page.locator("#f-city").fill("Oslo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cy", exact=True)).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator("#choose-columns > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Phone").check()
    page.get_by_role("button", name="Show these").click()
    page.locator("#save-view > summary").click()
    page.get_by_label("Name of the view").fill("People in Oslo")
    page.keyboard.press("Enter")
    expect(page.get_by_text("was saved for you alone")).to_be_visible()
    visitor.visit("contacts/")
    expect(page.get_by_text("Cy", exact=True)).to_be_visible()
    page.get_by_role("link", name="People in Oslo", exact=True).click()
    expect(page.locator("[aria-current=page]", has_text="People in Oslo")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Phone")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.locator("#q").fill("ad")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("button", name="Update view").click()
    expect(page.get_by_text("shows this from now on")).to_be_visible()
    expect(page.locator("#q")).to_have_value("ad")
    page.locator("#q").fill("")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("link", name="Undo changes").click()
    expect(page.locator("[data-row]")).to_have_count(1)


def test_rows_are_selected_by_keys_and_tagged(visitor: Visitor) -> None:
    for name in ("Ada", "Bob", "Cy"):
        make_contact(visitor.organization, first_name=name)
    page = visitor.visit("contacts/")
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.get_by_text("3 contacts selected")).to_be_visible()
    page.keyboard.press("t")
    page.keyboard.type("VIP")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 changed")).to_be_visible()
    expect(page.locator("td .k-chip-tag")).to_have_count(3)


def test_a_contact_is_edited_tagged_and_deleted(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    page = visitor.visit(f"contacts/{contact.pk}/")
    page.locator("#edit-identity").click()
    page.get_by_label("City").fill("Oslo")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#card-identity")).to_contain_text("Oslo")
    page.get_by_label("Add tags").fill("VIP")
    page.locator("#contact-tags").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#contact-tags")).to_contain_text("VIP")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("link", name="Undo").click()
    expect(page.locator("#preview")).to_contain_text("Taken back")


def test_a_value_says_where_it_came_from(visitor: Visitor) -> None:
    text = "email,city\n" + "".join(f"p{n}@x.org,Oslo\n" for n in range(60))
    imported(make_import(visitor.organization, text))
    with organization_scope(visitor.organization):
        contact = Contact.objects.get(email="p57@x.org")
    page = visitor.visit(f"contacts/{contact.pk}/")
    city = page.locator("summary", has_text="Where “City” comes from")
    city.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="people.csv, row 59")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(city).to_be_focused()
    page.locator("summary", has_text="Where “Subscribed” comes from").click()
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    row = page.locator("tr[aria-current=true]")
    expect(row).to_contain_text("p57@x.org")
    expect(row).to_be_in_viewport()


def test_what_is_wrong_with_an_edit_is_in_view_and_has_the_focus(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    visitor.page.set_viewport_size({"width": 1280, "height": 500})
    page = visitor.visit(f"contacts/{contact.pk}/")
    page.locator("#edit-identity").click()
    email = page.get_by_label("E-mail", exact=True)
    email.fill("nobody")
    page.get_by_role("button", name="Save").click()
    expect(email).to_be_focused()
    expect(email).to_be_in_viewport()
    email.fill("ada@home.example")
    with organization_scope(visitor.organization):
        contact_update(contact=contact, patch={"city": "Bergen"}, actor=SCREEN)
    page.get_by_label("City").fill("Oslo")
    page.get_by_role("button", name="Save").click()
    conflict = page.get_by_role("alert").filter(has_text="Somebody changed this meanwhile")
    expect(conflict).to_be_focused()
    expect(conflict).to_be_in_viewport()


def test_a_conflict_of_a_switch_is_in_view(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    visitor.page.set_viewport_size({"width": 320, "height": 500})
    page = visitor.visit(f"contacts/{contact.pk}/")
    with organization_scope(visitor.organization):
        preferences_set(contact=contact, preferences={"newsletter": False}, actor=SCREEN)
    page.locator("#switch-newsletter").click()
    conflict = page.get_by_role("alert").filter(has_text="Somebody changed this meanwhile")
    expect(conflict).to_be_focused()
    expect(conflict).to_be_in_viewport()


def test_keys_go_places_and_can_be_switched_off(visitor: Visitor) -> None:
    page = visitor.visit("")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile(r"/contacts/$"))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Use shortcuts of a single key").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()


def test_the_palette_finds_contacts(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Zebediah")
    page = visitor.visit("")
    page.keyboard.press("Control+k")
    page.keyboard.type("zeb")
    expect(page.locator("#k-palette-results")).to_contain_text("Zebediah")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/contacts/{contact.pk}/$"))


PAGES = (
    "suppressions/", "preference-types/", "relationship-types/",
    "", "contacts/", "contacts/new/", "contacts/views/new/", "operations/", "tags/", "custom-fields/", "imports/", "admin/",
    "admin/contacts/contacthistory/", "admin/organizations/apikey/add/",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_narrow_screen(visitor: Visitor, path: str) -> None:
    make_contact(visitor.organization, first_name="Ada", tags=["VIP"])
    make_view(visitor.organization, "A view with a rather long name that goes on and on")
    visitor.page.set_viewport_size({"width": 320, "height": 640})
    page = visitor.visit(path)
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#k-nav").get_by_role("link", name="Contacts")).to_be_visible()
