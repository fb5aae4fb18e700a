"""A new user's way through the wizard, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from organizations.models import Organization

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FILE = """Email;Vorname;Nachname;Birthday;Tags
ana@example.org;Ana;Silva;31/01/1990;VIP, Friend
bad;Bob;Lee;01/02/1991;
cy@example.org;Cy;Öztürk;02/03/1992;VIP
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "menschen.csv"
    path.write_text(FILE, encoding="cp1252")
    return path


def test_from_a_file_to_a_person_and_back(
    page: Page,
    organization: Organization,
    log_in: Callable[..., None],
    run_jobs: Callable[[], int],
    file: Path,
) -> None:
    log_in(organization)
    page.goto(f"/o/{organization.slug}/imports/")
    page.get_by_role("link", name="Import your first file").click()
    page.set_input_files("[name=file]", file)
    expect(page.locator("[data-chosen]")).to_contain_text("menschen.csv")
    page.get_by_label("Where they come from").fill("Spring fair")
    page.get_by_role("button", name="Continue to the columns").click()

    expect(page.get_by_label("Cells are separated by")).to_have_value(";")
    expect(page.get_by_role("cell", name="Öztürk")).to_be_visible()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Choose what this column holds")).to_be_visible()
    page.get_by_role("button", name="Yes, Birthday is a new custom field").click()
    expect(page.locator("#id_column-3-type")).to_have_value("date")
    expect(page.locator("#id_column-3-dates")).to_have_value("day")
    page.get_by_role("button", name="Check the file").click()

    expect(page.get_by_role("heading", name="Checking every line")).to_be_visible()
    run_jobs()
    start = page.get_by_role("button", name="Create 2 contacts")
    expect(start).to_be_visible()
    expect(page.get_by_text("2 March 1992")).to_be_visible()
    page.get_by_role("link", name="1 Errors").click()
    expect(page.get_by_role("heading", name="Errors: the line")).to_be_visible()
    assert Contact.objects.count() == 0
    start.click()

    expect(page.get_by_role("heading", name="Importing")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("Imported, except for 1 line with errors.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Error file").click()
    assert download.value.suggested_filename == "menschen-errors.csv"
    page.get_by_role("link", name="2 Created Open as contacts").click()
    expect(page.get_by_text("Ana Silva").first).to_be_visible()

    page.go_back()
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo for 2 contacts").click()
    expect(page.get_by_role("heading", name="Taking it back")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("2 contacts put back as before")).to_be_visible()
    assert Contact.objects.count() == 0


def test_an_import_is_paused_goes_on_and_its_errors_are_repaired(
    page: Page,
    organization: Organization,
    log_in: Callable[..., None],
    run_jobs: Callable[[], int],
    file: Path,
    tmp_path: Path,
) -> None:
    log_in(organization)
    upload(page, organization, file)
    page.get_by_role("button", name="Don’t import them").click()
    page.get_by_role("button", name="Check the file").click()
    run_jobs()
    page.get_by_role("button", name="Create 2 contacts").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Paused")).to_be_visible()
    run_jobs()
    assert Contact.objects.count() == 0
    page.reload()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", name="Importing")).to_be_visible()
    run_jobs()
    page.reload()
    expect(page.get_by_text("Imported, except for 1 line with errors.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Error file").click()
    repaired = tmp_path / "repaired.csv"
    text = download.value.path().read_text(encoding="utf-8-sig")
    repaired.write_text(text.replace("bad", "bob@example.org"), encoding="utf-8")
    upload(page, organization, repaired)
    page.get_by_role("button", name="Don’t import them").click()
    page.get_by_role("button", name="Check the file").click()
    run_jobs()
    page.get_by_role("button", name="Create 1 contact").click()
    run_jobs()
    expect(page.get_by_text("Every line is dealt with.")).to_be_visible()
    assert Contact.objects.filter(email="bob@example.org", last_name="Lee").exists()

    page.get_by_role("link", name="Undo this import").click()
    expect(page.get_by_text("Taken back, for example")).to_be_visible()
    page.get_by_role("button", name="Undo for 1 contact").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused at 0 of 1 contacts")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    run_jobs()
    expect(page.get_by_text("1 contact put back as before")).to_be_visible()
    page.get_by_role("link", name="Notices").click()
    expect(page.get_by_role("link", name="The import of “repaired.csv” is undone")).to_be_visible()


def upload(page: Page, organization: Organization, file: Path) -> None:
    page.goto(f"/o/{organization.slug}/imports/new/")
    page.set_input_files("[name=file]", file)
    page.get_by_label("Where they come from").fill("Spring fair")
    page.get_by_role("button", name="Continue to the columns").click()


def test_another_delimiter_shows_other_columns_at_once(
    page: Page, organization: Organization, log_in: Callable[..., None], file: Path
) -> None:
    log_in(organization)
    upload(page, organization, file)
    expect(page.locator(".imp-column")).to_have_count(5)
    delimiter = page.get_by_label("Cells are separated by")
    delimiter.focus()
    delimiter.select_option("|")
    expect(page.locator(".imp-column")).to_have_count(1)
    expect(delimiter).to_be_focused()
    # What was just put in listens only once it has settled.
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
    delimiter.select_option(";")
    expect(page.locator(".imp-column")).to_have_count(5)


def test_rows_are_pasted_and_mapped_without_javascript(
    page: Page,
    organization: Organization,
    log_in: Callable[..., None],
    run_jobs: Callable[[], int],
) -> None:
    log_in(organization)
    state = page.context.storage_state()
    browser = page.context.browser
    assert browser is not None
    base = page.url.split("/o/")[0]
    plain = browser.new_context(base_url=base, java_script_enabled=False, storage_state=state)
    page = plain.new_page()
    page.goto(f"/o/{organization.slug}/imports/new/")
    page.get_by_text("Paste rows instead").click()
    page.fill("#id_text", "email\tshoe size\nana@example.org\t38\n")
    page.fill("#id_source", "Fair")
    page.get_by_role("button", name="Continue to the columns").click()
    page.get_by_role("button", name="Don’t import them").click()
    expect(page.locator("#id_column-1-target")).to_have_value("-")
    page.get_by_role("button", name="Check the file").click()
    run_jobs()
    page.reload()
    page.get_by_role("button", name="Create 1 contact").click()
    run_jobs()
    page.reload()
    expect(page.get_by_text("Every line is dealt with.")).to_be_visible()
    plain.close()
