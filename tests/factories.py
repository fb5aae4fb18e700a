"""Typed builders of what tests need. Everything is made by the services that the product uses."""

from itertools import count
from typing import Any

from django.core.files.base import ContentFile

from contacts.actors import Actor
from contacts.models import (
    Contact,
    ContactOperation,
    CustomFieldDefinition,
    Door,
    Identifier,
    Relationship,
    SavedView,
    Suppression,
)
from contacts.patches import patch_maker
from contacts.selectors.contact_columns import DEFAULT_COLUMNS
from contacts.services.contacts import contact_create
from contacts.services.custom_fields import custom_field_create
from contacts.services.relations import identifier_add, relationship_add
from contacts.services.saved_views import saved_view_create
from contacts.services.suppressions import suppression_add
from contacts.services.undo import operation_undo
from imports.models import ExportJob, ImportJob, ImportMapping
from imports.selectors.export_columns import export_columns
from imports.services.control import import_cancel, import_start, import_validate
from imports.services.exporting import export_start
from imports.services.running import _step
from imports.services.saved_mappings import mapping_save
from imports.services.uploads import import_create, import_map
from organizations.models import ApiKey, Organization, User
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.api_keys import api_key_create
from organizations.services.leases import lease_take
from organizations.services.organizations import member_add, organization_create
from tags.models import Tag
from tags.services.tags import tag_patch, tags_ensure

_numbers = count(1)
PASSWORD = "correct horse battery staple"
SCREEN = Actor(door=Door.SCREEN)


def make_organization(**fields: Any) -> Organization:
    number = next(_numbers)
    return organization_create(
        name=fields.pop("name", f"Organization {number}"),
        slug=fields.pop("slug", f"organization-{number}"),
        **fields,
    )


def make_user(
    organization: Organization | None = None, role: str = Role.OWNER, **fields: Any
) -> User:
    """A user, and where an organization is given, its member."""
    email = fields.pop("email", f"user{next(_numbers)}@example.com")
    user = User.objects.create_user(email=email, password=PASSWORD, **fields)
    if organization:
        with organization_scope(organization):
            member_add(user=user, role=role)
    return user


def make_api_key(organization: Organization, role: str = Role.ADMIN) -> tuple[ApiKey, str]:
    with organization_scope(organization):
        return api_key_create(name=f"Key {next(_numbers)}", role=role)


def make_contact(
    organization: Organization,
    *,
    tags: list[str] | None = None,
    custom_fields: dict[str, Any] | None = None,
    actor: Actor = SCREEN,
    **values: Any,
) -> Contact:
    """A contact, with an address unless `email` says otherwise."""
    values.setdefault("email", f"contact{next(_numbers)}@example.com")
    with organization_scope(organization):
        patch = patch_maker().make(values, custom_fields)
        patch |= tag_patch(add=tags_ensure(names=tags or []).values())
        return contact_create(patch=patch, actor=actor)


def make_tag(organization: Organization, name: str = "") -> Tag:
    with organization_scope(organization):
        (tag,) = tags_ensure(names=[name or f"Tag {next(_numbers)}"]).values()
        return tag


def make_custom_field(
    organization: Organization, key: str, type: str = "text", **fields: Any
) -> CustomFieldDefinition:
    with organization_scope(organization):
        return custom_field_create(key=key, type=type, **fields)


def make_view(organization: Organization, name: str = "", **values: Any) -> SavedView:
    """A shared view, of a program unless `user` says otherwise."""
    usual: dict[str, Any] = {
        "columns": DEFAULT_COLUMNS,
        "sort": "-created_at",
        "filters": {},
        "is_shared": True,
        "user": None,
        "role": Role.OWNER,
    }
    with organization_scope(organization):
        return saved_view_create(name=name or f"View {next(_numbers)}", **usual | values)


def undone(operation: ContactOperation) -> ContactOperation:
    """The undo of an operation, done in this process."""
    from contacts.jobs import run_operation

    with organization_scope(operation.organization_id):
        undo = operation_undo(operation=operation, actor=SCREEN)
        run_operation(organization_id=undo.organization_id, operation_id=undo.pk)
        undo.refresh_from_db()
        return undo


def make_relationship(
    contact: Contact, related: Contact, kind: str = "company", actor: Actor = SCREEN
) -> Relationship:
    with organization_scope(contact.organization_id):
        relationship_add(contact=contact, related=related, relationship_type=kind, actor=actor)
        return Relationship.objects.get(
            contact=contact, related_contact=related, relationship_type=kind
        )


def make_identifier(contact: Contact, value: str = "", kind: str = "email") -> Identifier:
    """A further key of a contact, an address unless `kind` says otherwise."""
    with organization_scope(contact.organization_id):
        value = value or f"further{next(_numbers)}@example.com"
        identifier_add(contact=contact, kind=kind, value=value, actor=SCREEN)
        return Identifier.objects.filter(contact=contact).latest("pk")


def make_suppression(
    organization: Organization, email: str = "", reason: str = "bounced", source: str = ""
) -> Suppression:
    with organization_scope(organization):
        email = email or f"gone{next(_numbers)}@example.com"
        return suppression_add(email=email, reason=reason, source=source, actor=SCREEN)


def make_import(
    organization: Organization,
    text: str | bytes,
    *,
    name: str = "people.csv",
    actor: Actor = SCREEN,
    columns: list[dict[str, Any]] | None = None,
    **options: Any,
) -> ImportJob:
    """An uploaded file, mapped as given or as suggested (proposed custom fields included)."""
    content = text.encode() if isinstance(text, str) else text
    with organization_scope(organization):
        job = import_create(file=ContentFile(content, name=name), actor=actor, **options)
        return import_map(job=job, columns=columns or suggested_mapping(job))


def suggested_mapping(job: ImportJob) -> list[dict[str, Any]]:
    """Everything that was suggested, as a user would who accepts it all."""
    mapping = []
    for column in job.columns:
        suggestion = column["suggestion"]
        entry = {"index": column["index"], "target": suggestion["target"]}
        if (suggestion["target"] or "").startswith("custom:"):
            entry["type"] = suggestion["type"] or "text"
        mapping.append(entry)
    return mapping


def make_mapping(
    organization: Organization, name: str = "", text: str = "email,city\na@x.org,Oslo\n"
) -> ImportMapping:
    """A saved mapping, for files with the columns of `text`."""
    job = make_import(organization, text)
    with organization_scope(organization):
        return mapping_save(job=job, name=name or f"Mapping {next(_numbers)}", actor=SCREEN)


def checked(job: ImportJob) -> ImportJob:
    """The import, checked in this process."""
    from imports.jobs import run_import

    with organization_scope(job.organization_id):
        import_validate(job=job)
        run_import(organization_id=job.organization_id, import_id=job.pk)
        job.refresh_from_db()
        return job


def imported(job: ImportJob, actor: Actor = SCREEN) -> ImportJob:
    """The import, checked and run in this process."""
    from imports.jobs import run_import

    with organization_scope(job.organization_id):
        import_start(job=checked(job), actor=actor)
        run_import(organization_id=job.organization_id, import_id=job.pk)
        job.refresh_from_db()
        return job


def cancelled_after(job: ImportJob, *, batches: int) -> ImportJob:
    """The import, checked, run for some batches in this process, and cancelled."""
    with organization_scope(job.organization_id):
        job = import_start(job=checked(job), actor=SCREEN)
        lease = lease_take(work=job)
        assert lease is not None
        # One step makes the fields and tags.
        for _ in range(batches + 1):
            job.refresh_from_db()
            _step(job, lease)
        return import_cancel(job=ImportJob.objects.get(pk=job.pk))


def make_export(
    organization: Organization,
    *,
    filters: dict[str, str] | None = None,
    columns: list[str] | None = None,
    format: str = "csv",
    actor: Actor = SCREEN,
) -> ExportJob:
    """An export of every column unless `columns` says which; it waits in the queue."""
    with organization_scope(organization):
        known = export_columns(CustomFieldDefinition.objects.order_by("label", "key"))
        return export_start(
            filters=filters or {}, columns=columns or list(known), format=format, actor=actor
        )


def exported(job: ExportJob) -> ExportJob:
    """The export, run in this process."""
    from imports.jobs import run_export

    with organization_scope(job.organization_id):
        while job.status in ExportJob.LIVE_STATUSES:
            run_export(organization_id=job.organization_id, export_id=job.pk)
            job.refresh_from_db()
        return job
