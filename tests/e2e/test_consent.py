"""Consent and relations in a real browser: switching with the keyboard, history beside it, undo, finding somebody."""

from playwright.sync_api import expect

from contacts.models import EmailPreference
from organizations.scope import organization_scope
from tests.e2e.conftest import Visitor
from tests.factories import make_contact
from tests.work import run_queued_jobs


def test_a_kind_of_mail_is_switched_off_seen_in_history_and_undone(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    page = visitor.visit(f"contacts/{contact.pk}/")
    page.get_by_label("Why (kept with what you switch)").fill("Asked on the phone")
    page.keyboard.press("Enter")
    switch = page.get_by_role("switch", name="Newsletter")
    expect(switch).to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
    expect(switch).to_be_focused()
    expect(page.locator("#card-consent")).to_contain_text("May receive: Marketing, Product updates")
    entry = page.locator("#history .k-event").first
    expect(entry).to_contain_text("Newsletter mail")
    expect(entry).to_contain_text("“Asked on the phone”")
    expect(page.locator("#k-live")).to_have_text("Switched off Newsletter")
    page.locator("#card-consent").get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo this").click()
    run_queued_jobs()
    visitor.visit(f"contacts/{contact.pk}/")
    expect(page.get_by_role("switch", name="Newsletter")).to_be_checked()
    expect(page.locator("#history")).to_contain_text("Taken back")
    with organization_scope(visitor.organization):
        assert not EmailPreference.objects.exists()


def test_somebody_is_found_by_typing_and_related(visitor: Visitor) -> None:
    firm = make_contact(visitor.organization, kind="company", company_name="Acme")
    ada = make_contact(visitor.organization, first_name="Ada")
    page = visitor.visit(f"contacts/{firm.pk}/")
    page.locator("#relation-kind").select_option("Has the employee")
    page.locator("#relation-find").press_sequentially("ad")
    page.get_by_role("button", name="Ada").click()
    card = page.locator("#contact-relationships")
    expect(card.get_by_role("link", name="Ada")).to_be_visible()
    expect(page.locator("#relation-find")).to_be_focused()
    card.get_by_role("link", name="Ada").click()
    expect(page.locator("#contact-relationships")).to_contain_text("Works at")
    assert page.url.endswith(f"/contacts/{ada.pk}/")
    page.get_by_role("button", name="End: Works at Acme").click()
    expect(page.locator("#contact-relationships")).to_contain_text("None yet")


def test_a_further_address_is_added_and_removed(visitor: Visitor) -> None:
    contact = make_contact(visitor.organization, first_name="Ada")
    page = visitor.visit(f"contacts/{contact.pk}/")
    page.locator("#add-identifier").click()
    page.get_by_label("Value").fill("nobody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is not an e-mail address")
    expect(page.get_by_label("Value")).to_be_focused()
    expect(page.get_by_label("Value")).to_have_value("nobody")
    page.get_by_label("Value").fill("ada@home.example")
    page.keyboard.press("Enter")
    card = page.locator("#contact-identifiers")
    expect(card).to_contain_text("Also known as")
    expect(page.locator("#add-identifier")).to_be_focused()
    page.get_by_role("button", name="Remove ada@home.example").click()
    expect(card).not_to_contain_text("Also known as")
