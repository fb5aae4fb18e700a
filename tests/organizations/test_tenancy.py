"""Attempts to cross from one tenant to another: in Python, where they raise, and in SQL, where PostgreSQL refuses."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, models, transaction
from django.db.models import CASCADE, DB_CASCADE, DO_NOTHING, Exists, OuterRef, Q
from django.test.utils import isolate_apps

from contacts.models import Contact, ContactHistory, ContactOperation, CustomFieldDefinition
from organizations.checks import tenant_foreign_keys
from organizations.fields import TenantForeignKey
from organizations.models import (
    ApiKey,
    Organization,
    OrganizationMembership,
    TenantModel,
    tenant_key,
)
from organizations.scope import (
    NoOrganizationScope,
    current_organization_id,
    organization_scope,
    scoped_stream,
)
from tags.models import Tag, TagAssignment
from tests.factories import make_api_key, make_contact, make_organization, make_tag, make_user

TENANTS = [model for model in apps.get_models() if issubclass(model, TenantModel)]
# Without views, which have no constraints: those of their tables hold.
TABLES = sorted(model._meta.db_table for model in TENANTS if model._meta.managed)
BASE_TABLES = "select table_name from information_schema.tables where table_type = 'BASE TABLE'"

# Tables that speak of organizations and are of none: when a view was refreshed, and some views are about all of them.
OF_NOBODY = {"materialized_view_refreshes"}

# Made at import time, outside of any scope, as class attributes of views and forms are.
LIVING = Contact.objects.filter(city="Oslo")
TAGGED = Contact.objects.filter(Exists(TagAssignment.objects.filter(contact_id=OuterRef("pk"))))

# Unique keys and indexes that need not start with the organization, and why.
ACROSS = {
    "api_keys_prefix_key": "what a key's organization comes from",
    "api_keys_prefix_4e9a4f5b_like": "Django's twin of it",
    "operation_lease_idx": "the sweep looks at every organization's",
    "import_lease_idx": "the sweep looks at every organization's",
    "import_job_lease_idx": "the sweep looks at every organization's",
    "export_lease_idx": "the sweep looks at every organization's",
    "slot_job_lease_idx": "the sweep looks at every organization's",
    "flat_view_lease_idx": "the sweep looks at every organization's",
    "segment_refresh_lease_idx": "the sweep looks at every organization's",
    "export_expiry_idx": "files are removed of every organization",
    "kept_answer_created_idx": "the purge looks at every organization's",
    "notice_unmailed_idx": "the sweep looks at every organization's",
    "notice_read_age_idx": "the purge looks at every organization's",
    "notice_unread_age_idx": "the purge looks at every organization's",
}


@pytest.fixture
def other(db: None) -> Organization:
    return make_organization()


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall()


# Python


@pytest.mark.django_db
@pytest.mark.parametrize("model", TENANTS, ids=lambda model: model.__name__)
def test_outside_of_a_scope_every_model_raises(model: Any) -> None:
    for act in (
        lambda: list(model.objects.all()),
        lambda: model.objects.count(),
        lambda: model.objects.exists(),
        lambda: model.objects.first(),
        lambda: model.objects.update(organization_id=1),
        lambda: model.objects.all().delete(),
        lambda: model._default_manager.count(),
        lambda: model._base_manager.count(),
        lambda: model(),
    ):
        with pytest.raises(NoOrganizationScope):
            act()


def test_the_scope_is_left_even_by_an_error(
    organization: Organization, other: Organization
) -> None:
    with organization_scope(other):
        assert current_organization_id() == other.pk
    with pytest.raises(ZeroDivisionError), organization_scope(other):
        _ = 1 / 0
    assert current_organization_id() == organization.pk


def test_a_stream_is_read_in_its_scope() -> None:
    stream = scoped_stream(7, (current_organization_id() for _ in range(3)))
    for _ in range(3):
        assert next(stream) == 7
        with pytest.raises(NoOrganizationScope):
            current_organization_id()
    assert list(stream) == []


def test_another_organizations_rows_are_not_there(
    organization: Organization, other: Organization
) -> None:
    theirs = make_contact(other, tags=["VIP"])
    ours = make_contact(organization)
    assert list(Contact.objects.all()) == [ours]
    assert not Contact.objects.filter(pk=theirs.pk).exists()
    assert not Contact.with_deleted.filter(pk=theirs.pk).update(city="Oslo")
    assert Tag.objects.count() == TagAssignment.objects.count() == 0
    assert Contact.unscoped.count() == 2
    with pytest.raises(Contact.DoesNotExist):
        Contact.objects.get(pk=theirs.pk)
    with pytest.raises(Contact.DoesNotExist):
        theirs.refresh_from_db()


def test_querysets_made_at_import_time_follow_the_scope(
    organization: Organization, other: Organization
) -> None:
    ours = make_contact(organization, city="Oslo", tags=["VIP"])
    theirs = make_contact(other, city="Oslo", tags=["VIP"])
    assert list(LIVING.all()) == list(TAGGED.all()) == [ours]
    with organization_scope(other):
        assert list(LIVING.all()) == list(TAGGED.all()) == [theirs]


def test_a_new_row_belongs_to_the_scope(organization: Organization, other: Organization) -> None:
    Tag.objects.bulk_create([Tag(name="a", name_key="a"), Tag(name="b", name_key="b")])
    Tag.objects.create(name="c", name_key="c")
    assert set(Tag.unscoped.values_list("organization_id", flat=True)) == {organization.pk}
    with organization_scope(other):
        assert Tag(name="d").organization_id == other.pk


@pytest.fixture
def smuggled(
    organization: Organization, other: Organization
) -> Iterator[tuple[Contact, Contact, Tag, Tag]]:
    """A row that joins two tenants, which the database would refuse at the commit: ours, theirs; our tag, theirs."""
    ours, theirs = make_contact(organization), make_contact(other)
    our_tag, their_tag = make_tag(organization), make_tag(other)
    now = datetime.now(UTC)
    for contact, tag in ((ours, their_tag), (theirs, our_tag)):
        TagAssignment(
            organization=organization, contact=contact, tag=tag, assigned_at=now, source="api"
        ).save(force_insert=True)
    yield ours, theirs, our_tag, their_tag
    TagAssignment.unscoped.filter(organization=organization).delete()


def test_relations_do_not_reach_the_other_tenant(
    smuggled: tuple[Contact, Contact, Tag, Tag],
) -> None:
    ours, theirs, our_tag, their_tag = smuggled
    assert not Contact.objects.filter(tag_assignments__tag__name=their_tag.name).exists()
    assert not TagAssignment.objects.filter(tag__name=their_tag.name).exists()
    assert not TagAssignment.objects.filter(contact__email=theirs.email).exists()
    assert not TagAssignment.objects.filter(tag__pk=their_tag.pk, tag__color__isnull=False).exists()
    joined = TagAssignment.objects.select_related("contact", "tag")
    assert [(row.contact_id, row.tag_id) for row in joined] == []
    assert theirs.tag_assignments.count() == 1
    assert not Tag.objects.filter(assignments__contact__email=theirs.email).exists()
    assert not ours.tag_assignments.filter(tag__name=their_tag.name).exists()
    found = {tag.pk for tag in Tag.objects.prefetch_related("assignments__contact")}
    assert found == {our_tag.pk}


def test_a_relation_to_the_other_tenant_is_not_followed(
    smuggled: tuple[Contact, Contact, Tag, Tag],
) -> None:
    ours, theirs, *_ = smuggled
    with pytest.raises(Tag.DoesNotExist):
        _ = TagAssignment.objects.get(contact=ours).tag
    with pytest.raises(Contact.DoesNotExist):
        _ = TagAssignment.objects.get(contact=theirs).contact


def test_exclude_across_a_relation_is_refused(organization: Organization) -> None:
    with pytest.raises(NotImplementedError, match="Exists"):
        Contact.objects.exclude(tag_assignments__tag__name="VIP")
    with pytest.raises(NotImplementedError, match="Exists"):
        TagAssignment.objects.filter(source="api").exclude(tag__name__startswith="V")
    with pytest.raises(NotImplementedError, match="Exists"):
        TagAssignment.objects.exclude(Q(source="api") | ~Q(tag__name__in=["VIP"]))
    assert list(TagAssignment.objects.exclude(tag_id=1)) == []
    assert list(Contact.objects.exclude(city="Oslo", first_name__startswith="A")) == []


# The database


def foreign_keys() -> list[tuple[str, str, str, list[str], str]]:
    """Every foreign key of a tenant table: table, name, target, columns, what deletion does."""
    return rows(
        """
        select c.conrelid::regclass::text, c.conname, c.confrelid::regclass::text,
          (select array_agg(a.attname::text order by k.n) from unnest(c.conkey) with ordinality k (attnum, n)
           join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum),
          pg_get_constraintdef(c.oid)
        from pg_constraint c
        where c.contype = 'f' and c.conrelid::regclass::text = any(%s)
        """,
        TABLES,
    )


@pytest.mark.django_db
def test_every_link_between_tenant_tables_carries_the_organization() -> None:
    links = [link for link in foreign_keys() if link[2] in TABLES]
    assert len(links) >= 5
    for table, name, _, columns, definition in links:
        assert columns[0] == "organization_id", f"{name} of {table}"
        assert len(columns) == 2, f"{name} of {table}"
        assert "(organization_id, id)" in definition
        assert (
            "ON DELETE CASCADE" in definition or f"ON DELETE SET NULL ({columns[1]})" in definition
        )


@pytest.mark.django_db
def test_every_relation_of_a_model_is_a_constraint_of_the_database() -> None:
    in_database = {
        (table, column) for table, *_, columns, _ in foreign_keys() for column in columns
    }
    in_models = {
        (model._meta.db_table, field.column)
        for model in TENANTS
        if model._meta.managed
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and (field.db_constraint or isinstance(field, TenantForeignKey))
    }
    assert in_models - in_database == set()


@pytest.mark.django_db
def test_an_organization_is_never_null_and_leads_to_an_organization() -> None:
    columns = rows(
        "select table_name, is_nullable from information_schema.columns "
        f"where column_name = 'organization_id' and table_schema = 'public' and table_name in ({BASE_TABLES})"
    )
    assert sorted(table for table, _ in columns if table not in OF_NOBODY) == TABLES
    assert {nullable for table, nullable in columns if table not in OF_NOBODY} == {"NO"}
    led = {table for table, _, target, columns, _ in foreign_keys() if "organization_id" in columns}
    led -= OF_NOBODY
    # A queue whose rows live for seconds: a check a row would slow every write.
    assert led == set(TABLES) - {"contact_changes"}


@pytest.mark.django_db
def test_unique_keys_and_indexes_start_with_the_organization() -> None:
    indexes = rows(
        """
        select t.relname, i.relname, x.indisprimary, coalesce(a.attname, '(expression)')
        from pg_index x
        join pg_class t on t.oid = x.indrelid
        join pg_class i on i.oid = x.indexrelid
        join pg_am m on m.oid = i.relam and m.amname = 'btree'
        left join pg_attribute a on a.attrelid = t.oid and a.attnum = x.indkey[0]
        where t.relname = any(%s)
        """,
        TABLES,
    )
    strangers = {
        name: (table, column)
        for table, name, is_primary, column in indexes
        if column != "organization_id"
        and not (is_primary and column == "id")
        and not _is_of_user(name, column)
    }
    assert {name for name in strangers if not name.startswith("api_keys_prefix")} <= ACROSS.keys()


def _is_of_user(name: str, column: str) -> bool:
    """Deleting a user looks their rows up in every organization: Django's own index of such a link."""
    return column in ("actor_id", "created_by_id", "started_by_id", "user_id") and column in name


@pytest.mark.django_db
def test_every_column_that_names_a_contact_is_known() -> None:
    """What happens to a contact's rows on merge and erase has to be thought of for each."""
    named = rows(
        "select table_name, column_name from information_schema.columns "
        f"where table_schema = 'public' and table_name in ({BASE_TABLES}) "
        "and (column_name like '%contact%id' or column_name = 'merged_into_id')"
    )
    assert set(named) == {
        ("contacts", "merged_into_id"),
        ("contact_history", "contact_id"),
        ("contact_changes", "contact_id"),
        ("contact_tag_assignments", "contact_id"),
        ("contact_email_preferences", "contact_id"),
        ("contact_relationships", "contact_id"),
        ("contact_relationships", "related_contact_id"),
        ("contact_identifiers", "contact_id"),
        ("contact_events", "contact_id"),
        ("contact_activities", "contact_id"),
        ("contact_engagement", "contact_id"),
        ("contact_segment_memberships", "contact_id"),
        ("contact_segment_membership_log", "contact_id"),
        ("contact_segment_pins", "contact_id"),
        ("import_records", "contact_id"),
        ("import_records_archive", "contact_id"),
    }
    linked = {table for table, _, target, *_ in foreign_keys() if target == "contacts"}
    assert linked == {
        "contacts",
        "contact_tag_assignments",
        "contact_email_preferences",
        "contact_relationships",
        "contact_identifiers",
        "contact_events",
        "contact_activities",
        "contact_engagement",
        "contact_segment_memberships",
        "contact_segment_pins",
    }


def refused(sql: str, *params: Any) -> None:
    """The database takes a statement and refuses it when the constraints are checked, at the latest."""
    with pytest.raises(IntegrityError):
        _checked_at_once(sql, params)


@transaction.atomic
def _checked_at_once(sql: str, params: tuple[Any, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount == 1
        cursor.execute("set constraints all immediate")


def test_sql_that_joins_two_tenants_is_refused(
    organization: Organization, other: Organization
) -> None:
    ours, theirs = make_contact(organization, tags=["VIP"]), make_contact(other, tags=["VIP"])
    with organization_scope(other):
        their_tag, their_operation = Tag.objects.get(), ContactOperation.objects.get()
        their_key, _ = make_api_key(other)
    operation = ContactOperation.objects.get()
    assignment = (
        "insert into contact_tag_assignments (organization_id, contact_id, tag_id, assigned_at, source) "
        "values (%s, %s, %s, now(), 'api')"
    )
    ours_tag = Tag.objects.get()
    refused(assignment, organization.pk, theirs.pk, ours_tag.pk)
    refused(assignment, organization.pk, ours.pk, their_tag.pk)
    refused(assignment, other.pk, ours.pk, their_tag.pk)
    refused(
        "update contact_tag_assignments set tag_id = %s where contact_id = %s",
        their_tag.pk,
        ours.pk,
    )
    refused(
        "update contact_tag_assignments set organization_id = %s where contact_id = %s",
        other.pk,
        ours.pk,
    )
    refused("update contacts set merged_into_id = %s where id = %s", theirs.pk, ours.pk)
    refused("update contacts set organization_id = %s where id = %s", other.pk, ours.pk)
    refused(
        "update contact_operations set undoes_id = %s where id = %s",
        their_operation.pk,
        operation.pk,
    )
    refused(
        "update contact_operations set api_key_id = %s where id = %s", their_key.pk, operation.pk
    )
    refused(
        "update contact_history set operation_id = %s where contact_id = %s",
        their_operation.pk,
        ours.pk,
    )
    refused("update contact_tags set organization_id = %s where id = %s", other.pk, ours_tag.pk)


def test_an_optional_link_nulls_only_its_own_column(
    organization: Organization, other: Organization
) -> None:
    key, _ = make_api_key(organization)
    ana, bob = make_contact(organization), make_contact(organization)
    ContactOperation.objects.update(api_key=key)
    Contact.objects.filter(pk=bob.pk).update(merged_into=ana)
    with connection.cursor() as cursor:
        cursor.execute("delete from api_keys where id = %s", [key.pk])
        cursor.execute("delete from contacts where id = %s", [ana.pk])
    assert set(ContactOperation.objects.values_list("api_key_id", "organization_id")) == {
        (None, organization.pk)
    }
    bob.refresh_from_db()
    assert (bob.merged_into_id, bob.organization_id) == (None, organization.pk)


def test_deleting_an_organization_takes_all_that_is_its_own(
    organization: Organization, other: Organization
) -> None:
    user = make_user(organization)
    make_api_key(organization)
    make_contact(organization, tags=["VIP"])
    ours = make_contact(other, tags=["VIP"])
    organization.delete()
    for model in TENANTS:
        assert not model.unscoped.filter(organization_id=organization.pk).exists()  # type: ignore[attr-defined]
    assert get_user_model().objects.filter(pk=user.pk).exists()
    with organization_scope(other):
        assert list(Contact.objects.all()) == [ours]


def test_deleting_a_user_keeps_what_they_did(organization: Organization) -> None:
    user = make_user(organization)
    make_contact(organization, actor=_actor(user), tags=["VIP"])
    user.delete()
    assert ContactHistory.objects.get().changed_by_id is None
    assert ContactOperation.objects.get().actor_id is None
    assert TagAssignment.objects.get().assigned_by_id is None
    assert not OrganizationMembership.objects.exists()


def _actor(user: Any) -> Any:
    from tests.factories import SCREEN

    return type(SCREEN)(SCREEN.door, user)


# The checks


@isolate_apps("contacts")
def test_the_check_refuses_a_plain_link_between_tenants(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loose(TenantModel):
        contact = models.ForeignKey(Contact, DB_CASCADE, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "contacts"

    assert _check_of(monkeypatch, Loose) == {"kith.E001"}


@isolate_apps("contacts")
@pytest.mark.parametrize("on_delete", [CASCADE, DO_NOTHING])
def test_the_check_refuses_deletion_in_python(
    monkeypatch: pytest.MonkeyPatch, on_delete: Any
) -> None:
    class Loose(TenantModel):
        user = models.ForeignKey(get_user_model(), on_delete, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "contacts"

    assert _check_of(monkeypatch, Loose) == {"kith.E002"}


@isolate_apps("contacts")
def test_the_check_passes_a_composite_link(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tight(TenantModel):
        contact = TenantForeignKey(Contact, DB_CASCADE, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "contacts"
            constraints = [tenant_key("tight")]

    assert _check_of(monkeypatch, Tight) == set()


def _check_of(monkeypatch: pytest.MonkeyPatch, model: Any) -> set[str]:
    monkeypatch.setattr("organizations.checks.apps.get_models", lambda: [model])
    return {error.id for error in tenant_foreign_keys(None)}


def test_the_projects_own_models_pass_the_check() -> None:
    assert tenant_foreign_keys(None) == []


def test_every_tenant_model_is_scoped_by_default() -> None:
    for model in TENANTS:
        for name in ("objects", model._meta.default_manager_name, model._meta.base_manager_name):
            query = str(model._meta.managers_map[name].get_queryset().query.where)
            assert "CurrentOrganization" in query or "organization" in query, (model, name)
    assert {ApiKey, CustomFieldDefinition, Contact} <= set(TENANTS)
