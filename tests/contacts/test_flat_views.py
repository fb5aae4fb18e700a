"""The flat view of an organization: what is in it, when it is made, and that nobody else's work on it is in the way."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from contacts.flat_view import MOST_COLUMNS, SYSTEM, view_columns, view_name
from contacts.jobs import run_flat_view, sweep_flat_views
from contacts.models import Contact, CustomFieldDefinition, FlatView, FlatViewStatus
from contacts.selectors.flat_view import flat_view_state
from contacts.services.contacts import contact_update, contacts_delete
from contacts.services.custom_fields import custom_field_delete, custom_field_update
from contacts.services.flat_views import flat_views_stray, flat_views_sweep
from organizations.locks import LockSpace
from organizations.models import MaterializedViewRefresh, Organization
from organizations.scope import organization_scope
from organizations.services.leases import MAX_ATTEMPTS, lease_take, leases_sweep
from organizations.services.view_refresh import view_lock, view_refresh
from tests.factories import SCREEN, make_contact, make_custom_field, make_organization
from tests.work import run_queued_jobs


def swept(organization: Organization) -> None:
    """The schedule has looked, and the organization's view is done."""
    flat_views_sweep()
    with organization_scope(organization):
        for view in FlatView.objects.all():
            run_flat_view(organization_id=organization.pk, view_id=view.pk)


def read(organization: Organization) -> list[dict[str, Any]]:
    """The rows of the view, as a BI tool gets them."""
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {view_name(organization.pk)} order by contact_id")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def there_is(organization: Organization) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s) is not null", [view_name(organization.pk)])
        return bool(cursor.fetchone()[0])


def outdate(organization: Organization, **values: Any) -> None:
    rows = MaterializedViewRefresh.objects.filter(name=view_name(organization.pk))
    rows.update(refreshed_at=timezone.now() - timedelta(minutes=16), **values)


def state() -> Any:
    return flat_view_state(definitions=CustomFieldDefinition.objects.all())


# What is in it


def test_each_field_is_a_typed_column(organization: Organization) -> None:
    values = {
        "word": ("text", "Ås", "Ås"),
        "age": ("number", 31.5, Decimal("31.5")),
        "born": ("date", "1990-03-04", date(1990, 3, 4)),
        "seen": ("datetime", "2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        "ok": ("boolean", False, False),
        "site": ("url", "https://x.org/A", "https://x.org/A"),
        "size": ("choice", "M", "M"),
        "likes": ("multi_choice", ["M", "L"], ["M", "L"]),
    }
    for key, (type, *_) in values.items():
        choices = ["M", "L"] if "choice" in type else []
        make_custom_field(organization, key, type, choices=choices)
    written = {key: value for key, (_, value, _) in values.items()}
    ana = make_contact(organization, city="Oslo", email="ana@x.org", custom_fields=written)
    bob = make_contact(organization)
    contacts_delete(ids=[make_contact(organization).pk], actor=SCREEN)
    make_contact(make_organization())
    swept(organization)
    full, blank = read(organization)
    assert {key: full[key] for key in values} == {key: shown for key, (*_, shown) in values.items()}
    assert (full["contact_id"], full["city"], full["email"]) == (ana.pk, "Oslo", "ana@x.org")
    assert blank["contact_id"] == bob.pk
    assert [blank[key] for key in values] == [None] * len(values)


@pytest.mark.parametrize("type", ["number", "date", "datetime", "boolean", "multi_choice", "text"])
def test_what_an_earlier_field_left_is_no_value(organization: Organization, type: str) -> None:
    left: Any = 5 if type == "text" else "2026-99-99"
    ana = make_contact(organization)
    Contact.objects.filter(pk=ana.pk).update(custom_fields={"x": left})
    CustomFieldDefinition.objects.bulk_create([CustomFieldDefinition(key="x", type=type)])
    swept(organization)
    (row,) = read(organization)
    assert row["x"] is None


def test_names_that_are_taken_are_changed_and_none_is_too_long(organization: Organization) -> None:
    long = "x" * 63
    keys = [
        "email",
        "custom_email",
        "contact_id",
        "select",
        "other_fields",
        *SYSTEM,
        long,
        f"{long[:62]}y",
    ]
    for key in keys:
        make_custom_field(organization, key)
    make_contact(organization, custom_fields={key: f"of {key}" for key in keys})
    columns = view_columns(CustomFieldDefinition.objects.all())
    assert len({*columns.values()}) == len(keys)
    assert max(map(len, columns.values())) == 63
    assert columns["email"] == "custom_email"
    assert columns["custom_email"] == "custom_custom_email"
    assert (columns["select"], columns["ctid"], columns[long]) == ("select", "custom_ctid", long)
    swept(organization)
    (row,) = read(organization)
    assert all(row[columns[key]] == f"of {key}" for key in keys)
    assert row["email"] == Contact.objects.get().email


def test_names_that_collide_are_numbered(organization: Organization) -> None:
    keys = ["custom_" + "x" * 56, "x" * 56 + "abcdefg", "email", "custom_email", "custom_email_2"]
    fields = [CustomFieldDefinition(pk=n, key=key) for n, key in enumerate(keys)]
    assert view_columns(fields) == {
        keys[0]: keys[0],
        keys[1]: keys[1],
        "email": "custom_email",
        "custom_email": "custom_custom_email",
        "custom_email_2": "custom_email_2",
    }
    fields = [
        CustomFieldDefinition(pk=n, key=key) for n, key in enumerate(["custom_email", "email"])
    ]
    assert view_columns(fields) == {"custom_email": "custom_email", "email": "custom_email_2"}


def test_more_fields_than_a_row_has_room_for(organization: Organization) -> None:
    """Each as long as a value may be without being kept elsewhere, which is the worst."""
    keys = [f"f{number}" for number in range(MOST_COLUMNS + 5)]
    CustomFieldDefinition.objects.bulk_create(CustomFieldDefinition(key=key) for key in keys)
    values = {key: f"{key} ".ljust(23, "x") for key in keys}
    ana = make_contact(organization)
    Contact.objects.filter(pk=ana.pk).update(
        custom_fields=values | {"gone": "x"},
        **{
            name: "é" * 30
            for name in ("first_name", "last_name", "company_name", "job_title", "city", "source")
        },
    )
    swept(organization)
    (row,) = read(organization)
    assert {key: row[key] for key in keys[:MOST_COLUMNS]} == {
        key: values[key] for key in keys[:MOST_COLUMNS]
    }
    assert json.loads(row["other_fields"]) == {key: values[key] for key in keys[MOST_COLUMNS:]}


# When it is made


def test_it_is_made_refreshed_when_due_and_told(organization: Organization) -> None:
    age = make_custom_field(organization, "age", "number")
    ana = make_contact(organization, city="Oslo")
    assert (state().refreshed_at, state().is_outdated) == (None, True)
    swept(organization)
    made = state()
    assert (made.refreshed_at is not None, made.is_outdated, made.error) == (True, False, "")
    assert flat_views_sweep() == 0
    contact_update(contact=ana, patch={"city": "Rome"}, actor=SCREEN)
    outdate(organization)
    swept(organization)
    assert read(organization)[0]["city"] == "Rome"
    assert state().refreshed_at > made.refreshed_at
    custom_field_update(definition=age, label="Years")
    assert flat_views_sweep() == 0


def test_what_takes_long_is_refreshed_less_often(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    swept(organization)
    outdate(organization, took=timedelta(minutes=1))
    assert flat_views_sweep() == 0
    MaterializedViewRefresh.objects.update(refreshed_at=timezone.now() - timedelta(minutes=51))
    assert flat_views_sweep() == 1


def test_it_is_made_anew_when_fields_change_and_what_was_granted_stays(
    organization: Organization,
) -> None:
    make_custom_field(organization, "age", "number")
    make_contact(organization, custom_fields={"age": 31})
    swept(organization)
    name = view_name(organization.pk)
    with connection.cursor() as cursor:
        cursor.execute('create role "An alyst"')
        cursor.execute(f'grant select on {name} to "An alyst" with grant option')
        cursor.execute(f"grant select on {name} to public")
        make_custom_field(organization, "size")
        assert state().is_outdated
        swept(organization)
        assert "size" in read(organization)[0]
        cursor.execute(
            "select has_table_privilege('An alyst', %s, 'select with grant option'), "
            "(select relacl::text from pg_class where oid = to_regclass(%s))",
            [name, name],
        )
        is_granted, acl = cursor.fetchone()
    assert is_granted
    assert "=r/" in acl.replace('"An alyst"', "").strip("{}").split(",")[-1]
    outdate(organization)
    swept(organization)
    assert not state().error


def test_one_that_was_lost_is_made_again(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    swept(organization)
    with connection.cursor() as cursor:
        cursor.execute(f"drop materialized view {view_name(organization.pk)}")
    swept(organization)
    assert there_is(organization)


def test_it_goes_with_the_last_field(organization: Organization) -> None:
    age = make_custom_field(organization, "age", "number")
    swept(organization)
    custom_field_delete(definition=age)
    swept(organization)
    assert not there_is(organization)
    assert not FlatView.objects.exists()
    assert not MaterializedViewRefresh.objects.exists()
    assert flat_views_sweep() == 0


@pytest.mark.django_db(transaction=True)
def test_the_schedule_and_workers_do_all_of_it_and_it_goes_with_the_organization() -> None:
    organization, other = make_organization(), make_organization()
    for each in (organization, other):
        make_custom_field(each, "age", "number")
    run_queued_jobs()
    sweep_flat_views()
    assert run_queued_jobs() == 2
    assert there_is(organization)
    # This time beside its readers.
    outdate(organization)
    sweep_flat_views()
    assert run_queued_jobs() == 1
    Organization.objects.filter(pk=organization.pk).delete()
    assert not MaterializedViewRefresh.objects.filter(name=view_name(organization.pk)).exists()
    sweep_flat_views()
    assert run_queued_jobs() == 1
    assert (there_is(organization), there_is(other)) == (False, True)
    assert flat_views_stray() == []
    with organization_scope(other):
        custom_field_delete(definition=CustomFieldDefinition.objects.get())
    run_queued_jobs()
    sweep_flat_views()
    run_queued_jobs()
    assert not there_is(other)


# Others at work, and crashes


@pytest.fixture
def elsewhere(transactional_db: None) -> Any:
    """A second connection to the database."""
    other = connection.copy()
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
def test_two_never_work_on_one_view(elsewhere: Any) -> None:
    organization = make_organization()
    make_custom_field(organization, "age", "number")
    with organization_scope(organization):
        flat_views_sweep()
        view = FlatView.objects.get()
        with elsewhere.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(
                "select pg_advisory_xact_lock(%s, hashtext(%s))",
                [int(LockSpace.VIEWS), view_name(organization.pk)],
            )
            run_flat_view(organization_id=organization.pk, view_id=view.pk)
            assert not there_is(organization)
            assert view_refresh(name=view_name(organization.pk)) is None
            view.refresh_from_db()
            assert (view.status, view.attempts) == (FlatViewStatus.RUNNING, 0)
            cursor.execute("rollback")
        # The lease of who looked in vain runs out, and the sweep finds it.
        FlatView.objects.update(lease_expires_at=timezone.now())
        assert leases_sweep() == 1
        run_flat_view(organization_id=organization.pk, view_id=view.pk)
        view.refresh_from_db()
        assert view.status == FlatViewStatus.DONE
        with transaction.atomic():
            assert view_lock(name=view_name(organization.pk))
        custom_field_delete(definition=CustomFieldDefinition.objects.get())
        swept(organization)
        assert not there_is(organization)


def test_who_dies_while_making_it_leaves_it_to_another(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    flat_views_sweep()
    view = FlatView.objects.get()
    assert lease_take(work=view)
    # Whoever is at it has a minute.
    run_flat_view(organization_id=organization.pk, view_id=view.pk)
    assert not there_is(organization)
    FlatView.objects.update(lease_expires_at=timezone.now())
    assert leases_sweep() == 1
    run_flat_view(organization_id=organization.pk, view_id=view.pk)
    assert there_is(organization)


@pytest.mark.django_db(transaction=True)
def test_what_can_not_be_made_says_so_keeps_the_old_and_is_tried_again() -> None:
    organization = make_organization()
    with organization_scope(organization), connection.cursor() as cursor:
        make_custom_field(organization, "age", "number")
        swept(organization)
        cursor.execute(
            f"create view leaning as select contact_id from {view_name(organization.pk)}"
        )
        make_custom_field(organization, "size")
        flat_views_sweep()
        view = FlatView.objects.get()
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(InternalError, match="depend on it"):
                run_flat_view(organization_id=organization.pk, view_id=view.pk)
            FlatView.objects.update(lease_expires_at=timezone.now())
        run_flat_view(organization_id=organization.pk, view_id=view.pk)
        assert "depend on it" in state().error
        assert "size" not in {column for row in read(organization) for column in row}
        assert flat_views_sweep() == 0
        cursor.execute("drop view leaning")
        FlatView.objects.update(finished_at=timezone.now() - timedelta(hours=2))
        swept(organization)
        assert (state().error, state().is_outdated) == ("", False)
        custom_field_delete(definition=CustomFieldDefinition.objects.get(key="age"))
        custom_field_delete(definition=CustomFieldDefinition.objects.get(key="size"))
        swept(organization)
        assert not there_is(organization)
