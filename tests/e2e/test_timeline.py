"""The timeline in a real browser: a note by keyboard, looking at one kind, older parts."""

import re
from datetime import UTC, datetime, time, timedelta

from django.utils.timezone import localdate
from playwright.sync_api import expect

from organizations.scope import organization_scope
from tests.contacts.events import ago, event, make_activity, record
from tests.e2e.conftest import Visitor
from tests.factories import make_contact


def test_a_note_is_written_pinned_and_deleted_by_keyboard(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    page = visitor.visit(f"contacts/{contact.pk}/")
    page.keyboard.press("n")
    text = page.get_by_label("Note, or what was done")
    expect(text).to_be_focused()
    page.keyboard.type("Likes tea")
    add = page.get_by_role("button", name="Add", exact=True).first
    add.press("Enter")
    timeline = page.locator("#history")
    expect(timeline.locator(".k-event").first).to_contain_text("Likes tea")
    expect(page.locator("#k-live")).to_have_text("Note was added.")
    expect(add).to_be_focused()
    page.get_by_role("button", name="Pin", exact=True).press("Enter")
    expect(page.locator(".k-pinned")).to_contain_text("Likes tea")
    page.locator(".k-pinned").get_by_text("Delete…").press("Enter")
    page.locator(".k-pinned").get_by_role("button", name="Delete for good").press("Enter")
    expect(timeline).not_to_contain_text("Likes tea")


def test_one_kind_is_looked_at_and_older_is_loaded_below(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    with organization_scope(visitor.organization):
        record(
            *(event(contact, f"visit_{n}", occurred_at=ago(hours=n)) for n in range(60)),
            event(contact, "email_opened"),
        )
    page = visitor.visit(f"contacts/{contact.pk}/")
    kind = page.get_by_role("link", name="Visits and other events")
    kind.click()
    expect(kind).to_have_attribute("aria-current", "true")
    expect(kind).to_be_focused()
    rows = page.locator("#history .k-event")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Load older").click()
    expect(rows).to_have_count(60)
    expect(page.get_by_role("link", name="Load older")).to_have_count(0)
    note = page.get_by_label("Note, or what was done")
    note.fill("Not yet said")
    page.get_by_role("link", name="E-mails", exact=True).click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Opened an e-mail")
    expect(note).to_have_value("Not yet said")
    note.press("Control+Enter")
    expect(rows.first).to_contain_text("Not yet said")


def test_older_parts_go_on_where_the_day_was(visitor: Visitor) -> None:
    """One day has one heading; the focus goes to what came, and not to one of its buttons."""
    contact = make_contact(visitor.organization, first_name="Ada")
    noon = datetime.combine(localdate() - timedelta(days=3), time(12), UTC)
    for number in range(60):
        make_activity(
            contact, occurred_at=noon + timedelta(minutes=number), data={"text": f"{number} said"}
        )
    page = visitor.visit(f"contacts/{contact.pk}/")
    day = page.locator(".k-day", has_text=noon.strftime("%B %Y"))
    page.get_by_role("link", name="Load older").press("Enter")
    expect(page.locator("#history .k-event")).to_have_count(61)
    expect(page.locator("#history ol:focus")).to_have_count(1)
    expect(day.filter(has_text=f", {noon.day} ")).to_have_count(1)


def test_the_address_says_what_is_shown(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    with organization_scope(visitor.organization):
        record(event(contact, "email_opened"), event(contact, "order_placed", data={"total": 99.5}))
    page = visitor.visit(f"contacts/{contact.pk}/")
    rows = page.locator("#history .k-event")
    page.get_by_role("link", name="E-mails", exact=True).click()
    expect(page).to_have_url(re.compile(r"/\?show=emails$"))
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    expect(page.locator("#show-emails")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Visits and other events").click()
    expect(rows).to_contain_text("99.5")
    page.go_back()
    expect(rows).to_contain_text("Opened an e-mail")
    expect(page.locator("#show-emails")).to_have_attribute("aria-current", "true")
    page.get_by_label("Note, or what was done").fill("Likes tea")
    page.locator("#activity-add").click()
    expect(rows.first).to_contain_text("Likes tea")
    expect(page).to_have_url(re.compile(r"/contacts/\d+/$"))


def test_a_long_note_is_unfolded_by_keyboard(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    make_activity(contact, data={"text": "Likes tea.\n" * 30})
    page = visitor.visit(f"contacts/{contact.pk}/")
    text, switch = page.locator(".k-said"), page.locator(".k-fold summary")
    folded = text.bounding_box()
    assert folded
    expect(switch).to_have_text(re.compile("Show all"))
    switch.press("Enter")
    expect(switch.get_by_text("Show less")).to_be_visible()
    unfolded = text.bounding_box()
    assert unfolded
    assert unfolded["height"] > 4 * folded["height"]
