"""The screens of contacts: what they show, change and refuse."""

import pytest

from contacts.flat_view import view_name
from contacts.jobs import run_flat_view, run_slot_job
from contacts.models import (
    Contact,
    ContactOperation,
    CustomFieldDefinition,
    FlatView,
    PreferenceType,
    RelationshipType,
    SlotJob,
)
from contacts.services.events import events_record
from contacts.services.flat_views import flat_views_sweep
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tests.factories import SCREEN, make_contact, make_custom_field, make_suppression, make_tag
from tests.screens import Screens

pytestmark = pytest.mark.django_db

PAGES = (
    "", "contacts/", "contacts/new/", "operations/", "custom-fields/", "custom-fields/new/", "tags/",
    "tags/new/", "imports/", "preference-types/", "preference-types/new/", "relationship-types/",
    "relationship-types/new/", "suppressions/", "suppressions/new/",
)  # fmt: skip
HTMX = {"HX-Request": "true"}


@pytest.fixture
def screens(organization: Organization) -> Screens:
    return Screens(organization)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_when_there_is_nothing(screens: Screens, path: str) -> None:
    response = screens.get(path)
    assert response.status_code == 200
    assert response.content.count(b"<h1") == 1
    assert b'id="main"' in response.content


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_when_there_is_something(screens: Screens, path: str) -> None:
    make_custom_field(screens.organization, "age", "number")
    make_contact(screens.organization, tags=["VIP"], custom_fields={"age": "31"}, city="Oslo")
    assert screens.get(path).status_code == 200


def test_contact_page_shows_facts_tags_and_history(screens: Screens) -> None:
    make_custom_field(screens.organization, "age", "number")
    contact = make_contact(
        screens.organization, first_name="Ada", tags=["VIP"], custom_fields={"age": "31"}
    )
    page = screens.get(f"contacts/{contact.pk}/").content.decode()
    assert "Ada" in page
    assert "VIP" in page
    assert "31" in page
    assert "email_key" not in page
    assert "Created" in page


def test_dates_are_written_out_in_the_organizations_time(screens: Screens) -> None:
    screens.organization.timezone = "Europe/Oslo"
    screens.organization.save()
    make_custom_field(screens.organization, "seen", "datetime")
    make_custom_field(screens.organization, "born", "date")
    values = {"seen": "2018-02-12T09:54:26Z", "born": "1990-03-04"}
    contact = make_contact(screens.organization, custom_fields=values)
    page = screens.get(f"contacts/{contact.pk}/").content.decode()
    assert page.count("12 February 2018, 10:54") == 2
    assert page.count("4 March 1990") == 2
    assert "2018-02-12T" not in page


def test_addresses_break_behind_their_signs(screens: Screens) -> None:
    contact = make_contact(screens.organization, first_name="Ada", email="ada@x.example.com")
    said = "ada@<wbr>x.<wbr>example.<wbr>com"
    for path in ("contacts/", f"contacts/{contact.pk}/"):
        assert said in screens.get(path).content.decode()


def test_history_tells_all_tags_in_one_line(screens: Screens) -> None:
    contact = make_contact(screens.organization, first_name="Ada", tags=["VIP", "Lead"])
    vip = contact.tag_assignments.get(tag__name="VIP").tag
    screens.post(f"contacts/{contact.pk}/tags/", {"remove": vip.pk})
    page = screens.get(f"contacts/{contact.pk}/").content.decode()
    assert "<dt>Tags put on</dt><dd><ins><bdi>Lead, VIP</bdi></ins>" in page
    assert "<dt>Tags taken off</dt><dd><ins><bdi>VIP</bdi></ins>" in page


def _queries(screens: Screens, path: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    screens.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert screens.get(path).status_code == 200
    return len(captured)


def test_the_list_asks_as_often_for_20_contacts_as_for_1(screens: Screens) -> None:
    make_contact(screens.organization, tags=["VIP"])
    one = _queries(screens, "contacts/")
    for number in range(19):
        make_contact(screens.organization, tags=["VIP", f"Tag {number}"])
    assert _queries(screens, "contacts/") == one


def test_engagement_stands_in_columns(screens: Screens, organization: Organization) -> None:
    """Level and score, sums and last times: of who did something, and of who did nothing."""
    path = (
        "contacts/?sort=-engagement_score"
        "&columns=engagement_score,total_emails_opened,last_engaged_at,total_emails_sent"
    )
    make_contact(organization, email="nobody@a.example")
    one = _queries(screens, path)
    with organization_scope(organization):
        for number in range(5):
            contact = make_contact(organization)
            opened = {
                "event_type": "email_opened",
                "contact": {"id": contact.pk},
                "message_id": str(number),
            }
            events_record(events=[opened], actor=SCREEN)
    assert _queries(screens, path) == one
    page = screens.get(path).content.decode()
    first, last = page.split("<tbody", 1)[1].split("</tr>")[0], page.split("nobody@a.example")[1]
    for text in ("Cooling", ">1.0<", ">1<", "<time"):
        assert text in first
    for text in ("Never", ">0<"):
        assert text in last
    assert 'aria-sort="descending"' in page


def test_a_contacts_page_asks_as_often_for_20_changes_as_for_1(screens: Screens) -> None:
    contact = make_contact(screens.organization, tags=["VIP"])
    one = _queries(screens, f"contacts/{contact.pk}/")
    for number in range(19):
        screens.post(f"contacts/{contact.pk}/tags/", {"tags": f"Tag {number}"})
    assert _queries(screens, f"contacts/{contact.pk}/") == one


def test_search_filters_and_sort_are_in_the_address(screens: Screens) -> None:
    make_contact(screens.organization, first_name="Ada", city="London", tags=["VIP"])
    make_contact(screens.organization, first_name="Bob", city="Oslo")
    page = screens.get("contacts/", {"q": "ad", "tag": "vip", "sort": "name"}).content.decode()
    assert "Ada" in page
    assert "Bob" not in page
    assert "q=ad&amp;sort=name" in page


def test_how_many_there_are_is_said_above_them(
    screens: Screens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.views.asked.PAGE", 2)
    for name in ("Ada", "Bob", "Cy"):
        make_contact(screens.organization, first_name=name)
    page = screens.get("contacts/")
    assert "Showing 1–2 of 3 contacts" in page.content.decode().partition("<table")[0]
    following = screens.client.get(page.context["next"]).content.decode()
    assert "Showing 1 of 3 contacts" in following.partition("<table")[0]


def test_filters_have_a_button(screens: Screens) -> None:
    panel = screens.get("contacts/").content.decode().partition('id="filter-panel"')[2]
    assert ">Apply</button>" in panel.partition("</details>")[0]


@pytest.mark.parametrize("sort", ["name", "-email", "created_at"])
@pytest.mark.parametrize(
    "text", ["---", "'' \\", "to\U0010ffff", "to\ud7ff", "\x1eto y", "'to':* | y"]
)
def test_whatever_is_typed_is_searched_for(screens: Screens, text: str, sort: str) -> None:
    make_contact(screens.organization, first_name="Tom", email="tom@x.org")
    page = screens.get("contacts/", {"q": text, "sort": sort})
    assert page.status_code == 200
    assert b"No contact matches" in page.content


def test_htmx_gets_the_results_alone(screens: Screens) -> None:
    make_contact(screens.organization, first_name="Ada")
    response = screens.get("contacts/", {"q": "ad"}, **HTMX)
    assert b"<html" not in response.content
    assert b'id="results"' in response.content


@pytest.mark.parametrize(
    "query", [{"is_subscribed": "maybe"}, {"cursor": "x"}, {"created_after": "soon"}, {"tag": "\0"}]
)
def test_a_bad_address_is_explained(screens: Screens, query: dict[str, str]) -> None:
    assert screens.get("contacts/", query).status_code == 200


def test_no_match_is_not_the_empty_state(screens: Screens) -> None:
    assert b"No contacts yet" in screens.get("contacts/").content
    assert b"No contact matches" in screens.get("contacts/", {"q": "nobody"}).content


def _bulk(screens: Screens, action: str, contacts: list[Contact], **values: str) -> None:
    ids = ",".join(str(contact.pk) for contact in contacts)
    response = screens.post("contacts/bulk/", {"action": action, "ids": ids} | values)
    assert response.status_code == 302


def test_bulk_tags_field_subscription_and_deletion(screens: Screens) -> None:
    people = [make_contact(screens.organization) for _ in range(3)]
    _bulk(screens, "tag", people, tags="VIP, Press")
    _bulk(screens, "untag", people[:1], tags="press")
    _bulk(screens, "field", people, field="city", value="Oslo")
    _bulk(screens, "subscription", people[:1], subscribed="false", notes="asked by phone")
    _bulk(screens, "delete", people[2:])
    first = Contact.objects.get(pk=people[0].pk)
    assert (first.city, first.is_subscribed) == ("Oslo", False)
    assert first.tag_assignments.count() == 1
    assert Contact.objects.count() == 2
    assert ContactOperation.objects.filter(kind="delete").exists()


def test_subscription_takes_a_reason(screens: Screens) -> None:
    contact = make_contact(screens.organization)
    _bulk(screens, "subscription", [contact], subscribed="false")
    assert Contact.objects.get(pk=contact.pk).is_subscribed


def test_everybody_who_matches_is_a_background_operation(screens: Screens) -> None:
    make_contact(screens.organization, city="Oslo")
    make_contact(screens.organization, city="Bergen")
    values = {"action": "tag", "everybody": "1", "tags": "VIP"}
    response = screens.post("contacts/bulk/?city=Oslo", values)
    operation = ContactOperation.objects.get(kind="bulk_edit")
    assert response.url.endswith(f"/operations/{operation.pk}/")
    assert operation.progress_total == 1
    assert screens.get(f"operations/{operation.pk}/").status_code == 200


def test_new_contact_and_its_errors(screens: Screens) -> None:
    make_contact(screens.organization, email="ada@example.com")
    values = {"kind": "person", "email": "ADA@example.com", "is_active": "on"}
    taken = screens.post("contacts/new/", values)
    assert taken.status_code == 422
    assert b"Another contact has this e-mail address" in taken.content
    made = screens.post("contacts/new/", values | {"email": "bob@example.com", "city": "Oslo"})
    assert made.status_code == 302
    assert Contact.objects.get(email="bob@example.com").city == "Oslo"


def test_edit_changes_only_what_was_changed(screens: Screens) -> None:
    contact = make_contact(screens.organization, first_name="Ada", city="London")
    path = f"contacts/{contact.pk}/edit/identity/"
    seen = contact.updated_at.isoformat()
    values = {
        "kind": "person",
        "email": contact.email,
        "first_name": "Ada",
        "city": "Paris",
        "seen": seen,
    }
    assert screens.post(path, values).status_code == 302
    contact.refresh_from_db()
    assert (contact.first_name, contact.city, contact.last_name) == ("Ada", "Paris", None)


def test_an_edit_says_when_somebody_else_was_faster(screens: Screens) -> None:
    contact = make_contact(screens.organization, first_name="Ada", city="London")
    path = f"contacts/{contact.pk}/edit/identity/"
    mine = {
        "kind": "person",
        "email": contact.email,
        "first_name": "Ada",
        "seen": contact.updated_at.isoformat(),
    }
    screens.post(path, mine | {"city": "Paris"})
    late = screens.post(path, mine | {"city": "Rome"})
    assert b"Somebody changed this meanwhile" in late.content
    assert Contact.objects.get(pk=contact.pk).city == "Paris"
    again = late.context["seen"]
    screens.post(path, mine | {"city": "Rome", "seen": again})
    assert Contact.objects.get(pk=contact.pk).city == "Rome"


def test_deleted_contact_offers_its_restoration(screens: Screens) -> None:
    contact = make_contact(screens.organization, first_name="Ada")
    assert screens.post(f"contacts/{contact.pk}/delete/").status_code == 302
    page = screens.get(f"contacts/{contact.pk}/").content.decode()
    operation = ContactOperation.objects.get(kind="delete")
    assert f"operations/{operation.pk}/#undo" in page
    preview = screens.get(f"operations/{operation.pk}/preview/").content.decode()
    assert "Taken back" in preview


def test_undo_from_its_page(screens: Screens, run_jobs: object) -> None:
    contact = make_contact(screens.organization, first_name="Ada")
    screens.post(f"contacts/{contact.pk}/delete/")
    operation = ContactOperation.objects.get(kind="delete")
    response = screens.post(f"operations/{operation.pk}/undo/")
    assert response.status_code == 302
    assert callable(run_jobs)
    run_jobs()
    assert Contact.objects.filter(pk=contact.pk).exists()
    again = screens.post(f"operations/{operation.pk}/undo/")
    assert again.url.endswith(f"operations/{operation.pk}/")


def test_tags_are_put_on_and_taken_off_inline(screens: Screens) -> None:
    contact = make_contact(screens.organization)
    path = f"contacts/{contact.pk}/tags/"
    added = screens.post(path, {"tags": "VIP"}, **HTMX)
    assert b"VIP" in added.content
    assert b"<html" not in added.content
    (assignment,) = contact.tag_assignments.all()
    screens.post(path, {"remove": str(assignment.tag_id)}, **HTMX)
    assert not contact.tag_assignments.exists()
    assert b"Name at least one tag" in screens.post(path, {"tags": " "}, **HTMX).content


def test_custom_fields_are_made_changed_and_deleted(screens: Screens) -> None:
    values = {"label": "Favourite colour", "type": "choice", "choices": "Red\nBlue", "key": ""}
    assert screens.post("custom-fields/new/", values).status_code == 302
    field = CustomFieldDefinition.objects.get(key="favourite_colour")
    screens.post(f"custom-fields/{field.pk}/", {"label": "Colour", "choices": "Red"})
    field.refresh_from_db()
    assert (field.label, field.choices) == ("Colour", ["Red"])
    assert screens.get(f"custom-fields/{field.pk}/").status_code == 200
    screens.post(f"custom-fields/{field.pk}/delete/")
    assert not CustomFieldDefinition.objects.exists()


def test_an_index_is_asked_for_shown_while_it_grows_and_refused_with_the_reason(
    screens: Screens,
) -> None:
    organization = screens.organization
    make_contact(organization)
    values = {"label": "Age", "type": "number", "is_indexed": "on"}
    assert screens.post("custom-fields/new/", values).status_code == 302
    age = CustomFieldDefinition.objects.get()
    SlotJob.objects.update(progress_total=2_000, progress_done=500)
    for path in ("custom-fields/", f"custom-fields/{age.pk}/"):
        page = screens.get(path).content.decode()
        assert "Being indexed" in page
        assert "500 of 2,000 contacts" in page
    part = screens.get("custom-fields/", **HTMX).content.decode()
    assert "every 2s" in part
    assert "<html" not in part
    SlotJob.objects.update(status="failed", error="OperationalError: no room")
    page = screens.get("custom-fields/").content.decode()
    assert "every 2s" not in page
    assert "It stopped: OperationalError: no room" in page
    edit = f"custom-fields/{age.pk}/"
    screens.post(edit, {"label": "Age", "is_indexed": "on"})
    assert SlotJob.objects.get().status == "pending"
    run_slot_job(organization_id=organization.pk, slot_job_id=SlotJob.objects.get().pk)
    assert ">Indexed</span>" in screens.get("custom-fields/").content.decode()
    screens.post(edit, {"label": "Age"})
    assert CustomFieldDefinition.objects.get().slot is None
    for number in range(4):
        make_custom_field(organization, f"f{number}", "number", is_indexed=True)
    page = screens.post(edit, {"label": "Age", "is_indexed": "on"}).content.decode()
    assert "F0, F1, F2, F3" in page
    ok = make_custom_field(organization, "ok", "boolean")
    assert 'name="is_indexed"' not in screens.get(f"custom-fields/{ok.pk}/").content.decode()


def test_the_view_for_bi_tools_is_named_with_what_it_is_as_of(screens: Screens) -> None:
    make_custom_field(screens.organization, "age", "number")
    page = screens.get("custom-fields/").content.decode()
    assert view_name(screens.organization.pk) in page
    assert "is being made." in page
    flat_views_sweep()
    run_flat_view(organization_id=screens.organization.pk, view_id=FlatView.objects.get().pk)
    page = screens.get("custom-fields/").content.decode()
    assert "is as of <time" in page
    make_custom_field(screens.organization, "size")
    assert "it is being made anew" in screens.get("custom-fields/").content.decode()
    FlatView.objects.update(status="failed", error="somebody leans on it")
    assert "somebody leans on it" in screens.get("custom-fields/").content.decode()


WRITES = (
    "contacts/new/", "contacts/bulk/", "contacts/{contact}/edit/identity/", "contacts/{contact}/tags/",
    "contacts/{contact}/delete/", "operations/{operation}/undo/", "operations/{operation}/pause/",
    "operations/{operation}/resume/", "custom-fields/new/", "custom-fields/{field}/",
    "custom-fields/{field}/delete/", "tags/new/", "tags/{tag}/", "tags/{tag}/delete/",
    "contacts/{contact}/consent/", "contacts/{contact}/identifiers/", "contacts/{contact}/relationships/",
    "preference-types/new/", "preference-types/{mail}/", "relationship-types/new/", "relationship-types/{relation}/",
    "suppressions/new/", "suppressions/{suppression}/",
)  # fmt: skip


@pytest.mark.parametrize("path", WRITES)
def test_a_viewer_writes_nothing(organization: Organization, path: str) -> None:
    response = Screens(organization, role=Role.VIEWER).post(_filled(organization, path))
    assert response.status_code == 403
    assert b"This takes the role" in response.content


@pytest.mark.parametrize(
    "path",
    [
        *WRITES,
        *("contacts/{contact}/", "operations/{operation}/", "operations/{operation}/preview/"),
        *("contacts/{contact}/relationships/find/", "contacts/{contact}/relationships/more/"),
    ],
)
def test_other_organizations_ids_are_unknown(organization: Organization, path: str) -> None:
    from tests.factories import make_organization

    if "{" not in path:
        return
    screens = Screens(make_organization())
    filled = _filled(organization, path)
    assert screens.post(filled).status_code in (404, 405)
    assert screens.get(filled).status_code in (404, 405)


def _filled(organization: Organization, path: str) -> str:
    contact = make_contact(organization, tags=["VIP"])
    names = {
        "contact": contact.pk,
        "operation": ContactOperation.objects.latest("pk").pk,
        "field": make_custom_field(organization, "age").pk if "{field}" in path else 0,
        "tag": make_tag(organization, "VIP").pk,
        "mail": PreferenceType.objects.latest("pk").pk,
        "relation": RelationshipType.objects.latest("pk").pk,
        "suppression": make_suppression(organization).pk,
    }
    return path.format(**names)
