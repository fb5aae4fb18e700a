"""The admin: every address of it keeps tenants apart, and roles hold."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver

from contacts.models import (
    Contact,
    ContactActivity,
    ContactChange,
    ContactEvent,
    ContactHistory,
    ContactOperation,
    CustomFieldDefinition,
    EmailPreference,
    Identifier,
    PreferenceType,
    Relationship,
    RelationshipType,
    SavedView,
    Suppression,
    Website,
)
from contacts.services.consent import preferences_set
from contacts.services.contacts import contacts_delete
from contacts.services.websites import website_create
from imports.models import ExportJob, ImportJob, ImportMapping
from organizations.admin_site import site
from organizations.models import ApiKey, Notice, Organization, OrganizationMembership, User
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.notices import notice_give
from segments.models import Segment, SegmentMembershipLog, SegmentRefresh
from tags.models import Tag
from tests.contacts.events import make_activity, make_event
from tests.factories import (
    SCREEN,
    make_api_key,
    make_contact,
    make_custom_field,
    make_export,
    make_identifier,
    make_import,
    make_mapping,
    make_organization,
    make_relationship,
    make_suppression,
    make_tag,
    make_user,
    make_view,
)
from tests.screens import Screens
from tests.segments.making import IN_OSLO, make_segment

pytestmark = pytest.mark.django_db

# Addresses without an id of a row, each of which has a test of its own or shows nobody's rows.
WITHOUT_ID = {
    "index", "login", "logout", "password_change", "password_change_done", "jsi18n", "app_list",
    "autocomplete", "search", None,
}  # fmt: skip


def admin_patterns(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Every address of the admin with its name."""
    for pattern in site.urls[0] if patterns is None else patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from admin_patterns(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern):
            yield address, pattern.name


def rows_of(organization: Organization) -> dict[type, Any]:
    """A row of every kind that the admin shows."""
    owner = make_user(organization)
    contact = make_contact(organization, tags=["VIP"])
    make_import(organization, "email\nada@example.com\n")
    identifier = make_identifier(contact)
    relationship = make_relationship(contact, make_contact(organization))
    event, activity = make_event(contact), make_activity(contact)
    with organization_scope(organization):
        preferences_set(contact=contact, preferences={"newsletter": False}, actor=SCREEN)
        change = ContactChange.objects.order_by("pk").first()
        ContactChange.objects.update(set_aside_at="2026-01-01T00:00:00Z")
        return {
            Contact: Contact.objects.latest("pk"),
            ContactOperation: ContactOperation.objects.latest("pk"),
            ContactHistory: ContactHistory.objects.latest("pk"),
            ContactChange: change,
            ContactEvent: event,
            ContactActivity: activity,
            Website: website_create(name="Shop", domain="shop.example.org"),
            CustomFieldDefinition: make_custom_field(organization, "age"),
            Tag: make_tag(organization, "VIP"),
            ExportJob: make_export(organization),
            ImportJob: ImportJob.objects.latest("pk"),
            ImportMapping: make_mapping(organization),
            Notice: notice_give(user=owner, title="Done", link="/imports/"),
            SavedView: make_view(organization),
            PreferenceType: PreferenceType.objects.latest("pk"),
            RelationshipType: RelationshipType.objects.latest("pk"),
            EmailPreference: EmailPreference.objects.latest("pk"),
            Relationship: relationship,
            Identifier: identifier,
            Suppression: make_suppression(organization),
            Segment: make_segment(organization, {"not": IN_OSLO}),
            SegmentRefresh: SegmentRefresh.objects.latest("pk"),
            SegmentMembershipLog: SegmentMembershipLog.objects.latest("pk"),
            ApiKey: make_api_key(organization)[0],
            OrganizationMembership: OrganizationMembership.objects.get(user=owner),
            Organization: organization,
        }


def with_row() -> list[tuple[str, str]]:
    return [(address, name or "") for address, name in admin_patterns() if "object_id" in address]


def model_of(name: str) -> Any:
    return next(
        model
        for model in site._registry
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_")
    )


def test_the_walk_knows_every_address() -> None:
    unknown = [
        name
        for address, name in admin_patterns()
        if "<" in address and "object_id" not in address and name not in WITHOUT_ID
    ]
    assert [name for name in unknown if name != "view_on_site"] == []
    assert {model_of(name) for _, name in with_row() if name} == set(site._registry)


def test_rows_of_every_registered_kind_are_walked(organization: Organization) -> None:
    assert set(rows_of(organization)) == set(site._registry)


def test_another_organizations_ids_are_404_everywhere(organization: Organization) -> None:
    theirs = rows_of(make_organization())
    screens = Screens(organization)
    for address, name in with_row():
        if not name:
            continue
        row = theirs[model_of(name)]
        path = "admin/" + address.replace("<path:object_id>", str(row.pk))
        for send in (screens.get, screens.post):
            response = send(path)
            assert response.status_code == 404, (path, response.status_code)


def test_own_ids_are_found(organization: Organization) -> None:
    mine = rows_of(organization)
    screens = Screens(organization)
    for model, row in mine.items():
        meta = model._meta
        path = f"admin/{meta.app_label}/{meta.model_name}/{row.pk}/change/"
        response = screens.get(path)
        assert response.status_code == 200, path
        assert response.content.count(b"<h1") == 1, path


REDIRECTED = {Contact: "/contacts/", Organization: "/organization/{}/change/"}


@pytest.mark.parametrize("model", list(site._registry), ids=lambda model: model.__name__)
def test_lists_show_own_rows_alone(organization: Organization, model: Any) -> None:
    theirs = rows_of(make_organization())[model]
    rows_of(organization)
    meta = model._meta
    response = Screens(organization).get(f"admin/{meta.app_label}/{meta.model_name}/")
    if model in (Contact, Organization):
        assert response.url.endswith(REDIRECTED[model].format(organization.pk))
        return
    assert response.status_code == 200
    shown = [row.pk for row in response.context["cl"].result_list]
    assert shown
    assert theirs.pk not in shown


@pytest.mark.parametrize("action", ["delete_selected", "revoke", "retry", "undo", "compute"])
def test_actions_do_nothing_to_others(organization: Organization, action: str) -> None:
    theirs = rows_of(make_organization())
    screens = Screens(organization)
    for model, row in theirs.items():
        meta = model._meta
        values = {"action": action, "_selected_action": [str(row.pk)], "post": "yes"}
        screens.post(f"admin/{meta.app_label}/{meta.model_name}/", values)
        assert getattr(model, "unscoped", model.objects).filter(pk=row.pk).exists()
    assert ApiKey.unscoped.get(pk=theirs[ApiKey].pk).revoked_at is None
    assert ContactChange.unscoped.get(pk=theirs[ContactChange].pk).set_aside_at
    assert Contact.unscoped.get(pk=theirs[Contact].pk).deleted_at is None
    assert Segment.unscoped.get(pk=theirs[Segment].pk).status == "ready"


@pytest.mark.parametrize("path", ["admin/autocomplete/", "admin/search/", "admin/r/1/1/"])
def test_other_addresses_tell_nothing_of_others(organization: Organization, path: str) -> None:
    make_contact(make_organization(), first_name="Zebediah")
    query = {
        "s": "zeb",
        "term": "zeb",
        "app_label": "contacts",
        "model_name": "contacthistory",
        "field_name": "operation",
    }
    response = Screens(organization).get(path, query)
    assert b"Zebediah" not in response.content


def test_search_finds_ten_at_most(organization: Organization) -> None:
    for number in range(12):
        make_contact(organization, first_name=f"Ada{number}")
    page = Screens(organization).get("admin/search/", {"s": "ada"}).content.decode()
    assert 0 < page.count("<li>") <= 10


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("contacts/contact/add/", {"kind": "person", "email": "x@example.com"}),
    ("tags/tag/add/", {"name": "New", "color": "#2563eb"}),
    ("contacts/customfielddefinition/add/", {"label": "Size", "key": "size", "type": "text"}),
    ("contacts/suppression/add/", {"email": "x@example.com", "reason": "bounced"}),
    ("contacts/preferencetype/add/", {"label": "Events", "key": "events"}),
    (
        "contacts/relationshiptype/add/",
        {"label": "Friend of", "inverse_label": "Friend of", "key": "friend"},
    ),
    ("organizations/apikey/add/", {"name": "Shop", "role": "viewer"}),
    (
        "organizations/organizationmembership/add/",
        {"email": "new@example.com", "role": "viewer", "password": "correct horse battery"},
    ),
]


def _count(model: Any) -> int:
    return model.unscoped.count()


MODELS = [
    *(Contact, Tag, CustomFieldDefinition, ApiKey, OrganizationMembership),
    *(Suppression, PreferenceType, RelationshipType),
]


@pytest.mark.parametrize(("path", "values"), WRITES)
def test_viewers_write_nothing_and_owners_do(
    organization: Organization, path: str, values: dict[str, Any]
) -> None:
    viewer, owner = Screens(organization, role=Role.VIEWER), Screens(organization)
    before = sum(map(_count, MODELS))
    assert viewer.post(f"admin/{path}", values).status_code == 403
    assert sum(map(_count, MODELS)) == before
    assert owner.post(f"admin/{path}", values).status_code in (200, 302)
    assert sum(map(_count, MODELS)) == before + 1
    assert not LogEntry.objects.exists()


def test_a_marketer_edits_contacts_but_configures_nothing(organization: Organization) -> None:
    marketer = Screens(organization, role=Role.MARKETER)
    answers = [marketer.post(f"admin/{path}", values).status_code for path, values in WRITES]
    assert answers == [302, 302, 403, 302, 403, 403, 403, 403]


def test_refusals_of_services_are_errors_of_the_form(organization: Organization) -> None:
    make_contact(organization, email="ada@example.com")
    make_tag(organization, "VIP")
    screens = Screens(organization)
    for path, values, text in [
        (
            "contacts/contact/add/",
            {"kind": "person", "email": "Ada@Example.com"},
            "Another contact has this",
        ),
        ("contacts/contact/add/", {"kind": "person", "phone": "abc"}, "phone"),
        ("contacts/contact/add/", {"kind": "person"}, "A contact needs"),
        ("tags/tag/add/", {"name": "vip", "color": "#2563eb"}, "There is a tag"),
        ("tags/tag/add/", {"name": "x", "color": "red"}, "Use a colour"),
        (
            "contacts/customfielddefinition/add/",
            {"label": "A", "key": "A b", "type": "text"},
            "Use a–z",
        ),
        (
            "contacts/customfielddefinition/add/",
            {"label": "A", "key": "a", "type": "choice"},
            "at least one",
        ),
        ("contacts/suppression/add/", {"email": "x", "reason": "bounced"}, "not an e-mail address"),
        ("contacts/preferencetype/add/", {"label": "A", "key": "newsletter"}, "already"),
        (
            "contacts/relationshiptype/add/",
            {"label": "A", "inverse_label": "B", "key": "A b"},
            "Use a–z",
        ),
    ]:
        response = screens.post(f"admin/{path}", values)
        assert response.status_code == 200, path
        assert text in response.content.decode(), (path, values)


def test_kinds_are_changed_but_not_their_keys(organization: Organization) -> None:
    kind = PreferenceType.objects.get(is_transactional=True)
    path = f"admin/contacts/preferencetype/{kind.pk}/change/"
    screens = Screens(organization)
    refused = screens.post(path, {"label": "Receipts", "key": "receipts"})
    assert "switched off" in refused.content.decode()
    values = {"label": "Receipts", "key": "receipts", "is_enabled_by_default": "on"}
    assert screens.post(path, values).status_code == 302
    kind.refresh_from_db()
    assert (kind.label, kind.key) == ("Receipts", "transactional")
    assert screens.post(path.replace("change", "delete"), {"post": "yes"}).status_code == 403


def test_saved_mappings_are_renamed_and_deleted_by_who_edits(organization: Organization) -> None:
    make_mapping(organization, "Fairs")
    mapping = make_mapping(organization, "Monthly")
    path = f"admin/imports/importmapping/{mapping.pk}/"
    viewer, marketer = (Screens(organization, role=role) for role in (Role.VIEWER, Role.MARKETER))
    assert b"city: City" in viewer.get(f"{path}change/").content
    assert viewer.post(f"{path}change/", {"name": "Mine"}).status_code == 403
    assert viewer.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    taken = marketer.post(f"{path}change/", {"name": "FAIRS"})
    assert "There is a mapping “Fairs” already." in taken.content.decode()
    assert marketer.post(f"{path}change/", {"name": "Weekly"}).status_code == 302
    mapping.refresh_from_db()
    assert (mapping.name, mapping.columns) == ("Weekly", ["email", "city"])
    assert b"no contact is touched" in marketer.get(f"{path}delete/").content
    assert marketer.post(f"{path}delete/", {"post": "yes"}).status_code == 302
    assert [each.name for each in ImportMapping.objects.all()] == ["Fairs"]
    assert marketer.get("admin/imports/importmapping/add/").status_code == 403


def test_notices_are_shown_to_who_configures(organization: Organization) -> None:
    notice = notice_give(user=make_user(organization), title="Done", link="/imports/1/")
    assert notice is not None
    path = f"admin/organizations/notice/{notice.pk}/"
    marketer, admin = (Screens(organization, role=role) for role in (Role.MARKETER, Role.ADMIN))
    assert marketer.get("admin/organizations/notice/").status_code == 403
    assert marketer.get(f"{path}change/").status_code == 403
    page = admin.get(f"{path}change/").content.decode()
    assert f'href="/o/{organization.slug}/imports/1/"' in page
    assert admin.post(f"{path}change/", {"title": "Mine"}).status_code == 403
    assert admin.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    assert Notice.objects.get().title == "Done"


def test_private_views_of_others_are_not_there(organization: Organization) -> None:
    private = make_view(organization, user=make_user(organization), is_shared=False)
    screens = Screens(organization)
    path = "admin/contacts/savedview/"
    assert private.name not in screens.get(path).content.decode()
    assert screens.post(f"{path}{private.pk}/change/", {"name": "Mine"}).status_code == 404
    assert screens.post(f"{path}{private.pk}/delete/", {"post": "yes"}).status_code == 404
    assert SavedView.objects.get(pk=private.pk).name == private.name


def test_a_viewer_changes_no_shared_view(organization: Organization) -> None:
    shared = make_view(organization)
    path = f"admin/contacts/savedview/{shared.pk}/"
    viewer, owner = Screens(organization, role=Role.VIEWER), Screens(organization)
    for screens, status, name in ((viewer, 403, shared.name), (owner, 302, "Everybody")):
        values = {"name": "Everybody", "is_shared": "on"}
        assert screens.post(f"{path}change/", values).status_code == status
        assert SavedView.objects.get(pk=shared.pk).name == name
    selected = {"action": "delete_selected", "_selected_action": [str(shared.pk)], "post": "yes"}
    viewer.post("admin/contacts/savedview/", selected)
    assert SavedView.objects.filter(pk=shared.pk).exists()


def test_a_contact_is_changed_and_deleted_with_history(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    contact = make_contact(organization, email="ada@example.com", custom_fields={"age": "31"})
    screens = Screens(organization)
    path = f"admin/contacts/contact/{contact.pk}/"
    values = {"kind": "person", "email": "ada@example.com", "custom:age": "32", "is_active": "on"}
    assert screens.post(f"{path}change/", values).status_code == 302
    contact.refresh_from_db()
    assert contact.custom_fields == {"age": 32}
    row = ContactHistory.objects.filter(contact_id=contact.pk).latest("pk")
    assert row.operation.source == "admin"
    assert row.changed_by == screens.user
    assert b"can be undone" in screens.get(f"{path}delete/").content
    assert screens.post(f"{path}delete/", {"post": "yes"}).status_code == 302
    assert Contact.with_deleted.get(pk=contact.pk).deleted_at


def test_an_api_key_is_shown_once_and_can_be_revoked(organization: Organization) -> None:
    screens = Screens(organization)
    made = screens.post("admin/organizations/apikey/add/", {"name": "Shop", "role": "viewer"})
    key = ApiKey.objects.get(name="Shop")
    assert f"kith_{key.prefix}_" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    page = screens.get(f"admin/organizations/apikey/{key.pk}/change/").content.decode()
    assert key.hashed_secret not in page
    values = {"action": "revoke", "_selected_action": [str(key.pk)]}
    screens.post("admin/organizations/apikey/", values)
    key.refresh_from_db()
    assert key.revoked_at


def test_nobody_gives_more_than_they_have(organization: Organization) -> None:
    admin = Screens(organization, role=Role.ADMIN)
    response = admin.post("admin/organizations/apikey/add/", {"name": "Shop", "role": "owner"})
    assert b"This takes the role Owner" in response.content
    owner = make_user(organization)
    membership = OrganizationMembership.objects.get(user=owner)
    path = f"admin/organizations/organizationmembership/{membership.pk}/"
    admin.post(f"{path}change/", {"role": "viewer"})
    admin.post(f"{path}delete/", {"post": "yes"})
    membership.refresh_from_db()
    assert membership.role == Role.OWNER


def test_retention_is_set_by_who_configures(organization: Organization) -> None:
    path = f"admin/organizations/organization/{organization.pk}/change/"
    values = {
        "import_retention_days": "30",
        "import_archive_days": "60",
        "engagement_half_life_days": "30",
    }
    marketer, admin = (Screens(organization, role=role) for role in (Role.MARKETER, Role.ADMIN))
    for screens, status, kept in ((marketer, 403, (90, 365)), (admin, 302, (30, 60))):
        assert screens.post(path, values).status_code == status
        organization.refresh_from_db()
        assert (organization.import_retention_days, organization.import_archive_days) == kept


@pytest.mark.parametrize("days", ["0", "3651", "-1", "", "many"])
@pytest.mark.parametrize(
    "field", ["import_retention_days", "import_archive_days", "engagement_half_life_days"]
)
def test_retention_out_of_bounds_is_refused(
    organization: Organization, field: str, days: str
) -> None:
    path = f"admin/organizations/organization/{organization.pk}/change/"
    values = {
        "import_retention_days": "30",
        "import_archive_days": "60",
        "engagement_half_life_days": "30",
    } | {field: days}
    response = Screens(organization).post(path, values)
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]
    organization.refresh_from_db()
    assert (organization.import_retention_days, organization.import_archive_days) == (90, 365)


def _settings(organization: Organization, **values: str) -> Any:
    path = f"admin/organizations/organization/{organization.pk}/change/"
    usual = {"import_retention_days": "90", "import_archive_days": "365"}
    return Screens(organization).post(path, usual | values)


def test_weights_of_engagement_are_set_one_a_line(organization: Organization) -> None:
    given = "webinar_attended 8\n\n  email_opened   0.5 \n"
    values = {"engagement_half_life_days": "14", "engagement_weights": given}
    assert _settings(organization, **values).status_code == 302
    organization.refresh_from_db()
    assert organization.engagement_half_life_days == 14
    assert organization.engagement_weights == {"webinar_attended": 8, "email_opened": 0.5}
    page = Screens(organization).get(f"admin/organizations/organization/{organization.pk}/change/")
    assert {"webinar_attended 8", "email_opened 0.5"} <= set(
        page.context["adminform"].form.initial["engagement_weights"].splitlines()
    )


@pytest.mark.parametrize(
    "weights", ["webinar", "webinar x", "8", "a -1", "a 1001", "a nan", "a inf"]
)
def test_weights_that_are_none_are_refused(organization: Organization, weights: str) -> None:
    response = _settings(organization, engagement_half_life_days="30", engagement_weights=weights)
    assert list(response.context["adminform"].form.errors) == ["engagement_weights"]
    organization.refresh_from_db()
    assert organization.engagement_weights == {}


def test_the_last_owner_stays(organization: Organization) -> None:
    screens = Screens(organization)
    membership = OrganizationMembership.objects.get(user=screens.user)
    path = f"admin/organizations/organizationmembership/{membership.pk}/"
    assert b"only owner" in screens.post(f"{path}change/", {"role": "viewer"}).content
    assert screens.post(f"{path}delete/", {"post": "yes"}).status_code == 302
    assert OrganizationMembership.objects.filter(pk=membership.pk).exists()


def test_an_invitation_leaves_an_existing_account_alone(organization: Organization) -> None:
    person = make_user(email="ada@example.com")
    before = User.objects.get(pk=person.pk).password
    values = {"email": "Ada@example.com", "role": "viewer", "password": "another password 123"}
    Screens(organization).post("admin/organizations/organizationmembership/add/", values)
    assert not OrganizationMembership.objects.filter(user=person).exists()
    assert User.objects.get(pk=person.pk).password == before


def test_set_aside_changes_are_retried(organization: Organization) -> None:
    change = rows_of(organization)[ContactChange]
    values = {"action": "retry", "_selected_action": [str(change.pk)]}
    Screens(organization).post("admin/contacts/contactchange/", values)
    change.refresh_from_db()
    assert change.set_aside_at is None


def test_two_tabs_in_two_organizations_do_not_mix(organization: Organization) -> None:
    other = make_organization()
    here = Screens(organization)
    make_user(other)
    with organization_scope(other):
        from organizations.services.organizations import member_add

        member_add(user=here.user, role=Role.VIEWER)
    there = Screens(other, user=here.user)
    there.client = here.client
    make_contact(organization, first_name="Hereward")
    make_contact(other, first_name="Theodora")
    for _ in range(2):
        mine, theirs = here.get("contacts/").content, there.get("contacts/").content
        assert b"Hereward" in mine
        assert b"Theodora" not in mine
        assert b"Theodora" in theirs
        assert b"Hereward" not in theirs
        assert f"/o/{other.slug}/contacts/".encode() not in mine
    assert here.post("contacts/new/", {"kind": "person", "email": "a@b.com"}).status_code == 302
    assert there.post("contacts/new/", {"kind": "person", "email": "a@b.com"}).status_code == 403


def test_who_is_no_member_sees_nothing(organization: Organization) -> None:
    stranger = Screens(make_organization())
    stranger.organization = organization
    for path in ("", "contacts/", "admin/", "admin/tags/tag/"):
        assert stranger.get(path).status_code == 404


def test_history_names_contacts_and_what_was_changed(organization: Organization) -> None:
    ada = make_contact(organization, first_name="Ada", email="ada@example.com")
    bob = make_contact(organization, first_name="Bob")
    with organization_scope(organization):
        contacts_delete(ids=[ada.pk], actor=SCREEN)
    screens = Screens(organization)
    page = screens.get("admin/contacts/contacthistory/").content.decode()
    assert f'/contacts/{ada.pk}/">Ada</a>' in page
    assert "First name, E-mail" in page.replace("E-mail, First name", "First name, E-mail")
    assert "deleted_at" not in page
    assert "3 changes" in page
    for term in ("ada", "ada@example.com", str(ada.pk)):
        found = screens.get("admin/contacts/contacthistory/", {"q": term}).content.decode()
        assert ">Ada</a>" in found
        assert f'/contacts/{bob.pk}/">' not in found


def test_history_asks_as_often_for_20_changes_as_for_1(
    organization: Organization, django_assert_num_queries: Any
) -> None:
    screens, path = Screens(organization), "admin/contacts/contacthistory/"
    make_contact(organization)
    with CaptureQueriesContext(connection) as one:
        screens.get(path)
    for _ in range(19):
        make_contact(organization)
    with django_assert_num_queries(len(one)):
        screens.get(path)


def test_large_counts_say_where_they_stop(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("organizations.admin_base.COUNT_CAP", 2)
    for _ in range(3):
        make_contact(organization)
    page = Screens(organization).get("admin/contacts/contacthistory/").content.decode()
    assert "2+ changes" in page


def test_the_palette_tells_companies_from_people(organization: Organization) -> None:
    make_contact(organization, company_name="Acme", kind="company")
    make_contact(organization, first_name="Acmena")
    page = Screens(organization).get("admin/search/", {"s": "acme"}).content.decode()
    assert page.count(">domain<") == page.count(">person<") == 1


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("new seg", ["segments/new/"]),
        ("Hand", ["segments/new/static/"]),
        ("imp new", ["imports/new/"]),
        ("new", ["contacts/", "segments/", "segments/new/static/", "imports/", "exports/"]),
        ("newton", []),
    ],
)
def test_the_palette_begins_what_a_role_may(
    organization: Organization, text: str, paths: list[str]
) -> None:
    screens = Screens(organization)
    page = screens.get("admin/search/", {"s": text}).content.decode()
    found = [path for path in paths if screens.address(path) in page]
    assert found == paths
    assert page.count(">Action<") == len(paths)
    viewer = Screens(organization, role=Role.VIEWER).get("admin/search/", {"s": text})
    assert ">Action<" not in viewer.content.decode()


def test_empty_lists_say_why(organization: Organization) -> None:
    screens = Screens(organization)
    assert b"Nothing here yet" in screens.get("admin/contacts/contacthistory/").content
    found = screens.get("admin/contacts/contacthistory/", {"q": "nobody"}).content.decode()
    assert "Nothing is found by “nobody”" in found
    assert "yielded" not in found


def test_settings_are_one_form(organization: Organization) -> None:
    answer = Screens(organization).get("admin/organizations/organization/")
    assert answer["Location"].endswith(
        f"/admin/organizations/organization/{organization.pk}/change/"
    )


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("contacts/0/", 404, "There is nothing at this address"),
        ("nowhere/", 404, "There is nothing at this address"),
        ("admin/organizations/apikey/", 403, "This takes another role"),
    ],
)
def test_what_is_not_there_or_not_allowed_keeps_the_frame(
    organization: Organization, path: str, status: int, said: str
) -> None:
    page = Screens(organization, role=Role.MARKETER).get(path)
    content = page.content.decode()
    assert (page.status_code, said in content, 'id="k-nav"' in content) == (status, True, True)


def test_all_data_is_in_the_navigation(organization: Organization) -> None:
    page = Screens(organization, role=Role.VIEWER).get("").content.decode()
    assert f'href="/o/{organization.slug}/admin/"' in page
