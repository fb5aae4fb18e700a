"""Pages about accounts, and files in the admin, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor
from tests.mail import Mailbox

LINK = re.compile(r"http://\S+")


def fits(page: Page) -> bool:
    """Nothing of a page that is there is wider than the screen."""
    page.wait_for_load_state()
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_forgotten_password_is_replaced_on_a_narrow_screen(
    visitor: Visitor, mailbox: Mailbox, run_jobs: Callable[[], int], scheme: str
) -> None:
    page = visitor.page
    page.context.clear_cookies()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{visitor.origin}/login/")
    assert fits(page)
    page.get_by_role("link", name="Forgot your password?").click()
    expect(page.get_by_role("button", name="Send the link")).to_be_visible()
    assert fits(page)
    page.get_by_label("E-mail").fill(visitor.user.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading")).to_have_text("Look into your mail")
    assert fits(page)
    run_jobs()
    (link,) = LINK.findall(mailbox.text())
    page.goto(link)
    assert fits(page)
    page.get_by_label("New password").fill("a quite different phrase")
    page.get_by_label("The same again").fill("a quite different phrase")
    page.get_by_role("button", name="Change the password").click()
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("E-mail").fill(visitor.user.email)
    page.get_by_label("Password").fill("a quite different phrase")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(visitor.address())


def test_a_file_of_tags_is_previewed_and_confirmed(visitor: Visitor) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 320, "height": 640})
    visitor.visit("admin/tags/tag/import/")
    content = b"name,color,description\nVIP,#2563eb,Very important\n"
    file = {"name": "tags.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_label("Format")).to_have_value("0")
    assert fits(page)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Very important")).to_be_visible()
    assert fits(page)
    page.get_by_role("button", name="Confirm import").click()
    expect(page.get_by_text("Import finished: 1 new")).to_be_visible()
