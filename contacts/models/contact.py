from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import DB_SET_NULL, Q
from django.db.models.expressions import RawSQL

from contacts.folding import NAME_KEY, SEARCH_VECTOR
from contacts.querysets import ContactQuerySet, LivingContactManager
from organizations.fields import TenantForeignKey
from organizations.models import TenantManager, TenantModel, tenant_key

NUMBER_SLOTS = ("number_1", "number_2", "number_3", "number_4")
TEXT_SLOTS = ("text_1", "text_2", "text_3", "text_4")
TIME_SLOTS = ("time_1", "time_2", "time_3", "time_4")
SLOTS = NUMBER_SLOTS + TEXT_SLOTS + TIME_SLOTS
LIVING = Q(deleted_at=None)


class ContactKind(models.TextChoices):
    PERSON = "person", "Person"
    COMPANY = "company", "Company"


class AllContactManager(TenantManager.from_queryset(ContactQuerySet)):  # type: ignore[misc]
    """The organization's contacts, deleted ones too."""


def text(length: int) -> Any:
    """An attribute that may be unknown: NULL, never an empty string."""
    return models.CharField(max_length=length, null=True, blank=True)


def slot_index(name: str) -> models.Index:
    # Rules on a custom field that is marked as indexed read its slot; of texts also how they begin, whatever the collation.
    opclasses = ["int8_ops", "text_pattern_ops"] if name in TEXT_SLOTS else ()
    return models.Index(
        fields=["organization", name],
        name=f"contact_{name}_idx",
        opclasses=opclasses,
        condition=Q(**{f"{name}__isnull": False}),
    )


class Contact(TenantModel):
    """A person or a company. Written by `contacts.services` alone, which keep its history."""

    kind = models.CharField(max_length=16, choices=ContactKind, default=ContactKind.PERSON)
    email = text(320)
    email_key = models.CharField(max_length=640, null=True, blank=True, editable=False)  # noqa: DJ001
    external_id = text(200)
    phone = text(20)
    first_name = text(200)
    last_name = text(200)
    company_name = text(300)
    job_title = text(300)
    city = text(200)
    country = text(100)
    language = text(35)
    timezone = text(64)
    source = text(200)
    is_active = models.BooleanField(default=True)
    is_subscribed = models.BooleanField(default=True)
    # A pause that the person asked for: until then only transactional mail.
    paused_until = models.DateTimeField(null=True, blank=True)
    custom_fields = models.JSONField(default=dict, blank=True)

    number_1 = models.DecimalField(null=True, editable=False)
    number_2 = models.DecimalField(null=True, editable=False)
    number_3 = models.DecimalField(null=True, editable=False)
    number_4 = models.DecimalField(null=True, editable=False)
    text_1 = models.TextField(null=True, editable=False)  # noqa: DJ001
    text_2 = models.TextField(null=True, editable=False)  # noqa: DJ001
    text_3 = models.TextField(null=True, editable=False)  # noqa: DJ001
    text_4 = models.TextField(null=True, editable=False)  # noqa: DJ001
    time_1 = models.DateTimeField(null=True, editable=False)
    time_2 = models.DateTimeField(null=True, editable=False)
    time_3 = models.DateTimeField(null=True, editable=False)
    time_4 = models.DateTimeField(null=True, editable=False)

    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    merged_into = TenantForeignKey("self", DB_SET_NULL, null=True, editable=False, related_name="+")

    name_key = models.GeneratedField(
        expression=RawSQL(NAME_KEY, ()), output_field=models.TextField(null=True), db_persist=True
    )
    search_vector = models.GeneratedField(
        expression=RawSQL(SEARCH_VECTOR, ()),
        output_field=SearchVectorField(null=True),
        db_persist=True,
    )

    objects: ClassVar[Any] = LivingContactManager()
    with_deleted = AllContactManager()
    unscoped: ClassVar[Any] = models.Manager.from_queryset(ContactQuerySet)()

    class Meta:
        db_table = "contacts"
        base_manager_name = "with_deleted"
        default_manager_name = "objects"
        constraints = [
            tenant_key("contact"),
            models.UniqueConstraint(
                fields=["organization", "email_key"], condition=LIVING, name="contact_email_key"
            ),
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=LIVING,
                name="contact_external_id_key",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ContactKind.values), name="contact_kind_valid"
            ),
            models.CheckConstraint(
                condition=Q(email=None, email_key=None)
                | Q(email__isnull=False, email_key__isnull=False),
                name="contact_email_has_key",
            ),
        ]
        indexes = [
            # Segments such as "active contacts created in the last 30 days".
            models.Index(
                fields=["organization", "is_active", "created_at"], name="contact_active_idx"
            ),
            # Segments such as "subscribed, from the newsletter form".
            models.Index(
                fields=["organization", "is_subscribed", "source"], name="contact_source_idx"
            ),
            # The list in order of name and creation, by keyset.
            models.Index(
                fields=["organization", "name_key", "id"], name="contact_name_idx", condition=LIVING
            ),
            # Those without an address; the others are in order in their unique index.
            models.Index(
                fields=["organization", "id"],
                name="contact_no_email_idx",
                condition=LIVING & Q(email_key=None),
            ),
            models.Index(
                fields=["organization", "created_at", "id"],
                name="contact_created_idx",
                condition=LIVING,
            ),
            # Who opted out and was deleted is not subscribed again by an import.
            models.Index(
                fields=["organization", "email_key"],
                name="contact_opted_out_idx",
                condition=Q(deleted_at__isnull=False, is_subscribed=False),
            ),
            # Who was merged into somebody: their old ids answer with the survivor, and are let go with it.
            models.Index(
                fields=["organization", "merged_into"],
                name="contact_merged_idx",
                condition=Q(merged_into__isnull=False),
            ),
            # Who of some contacts is deleted: as good as nothing to look at for those who live.
            models.Index(
                fields=["organization", "id"],
                name="contact_deleted_idx",
                condition=Q(deleted_at__isnull=False),
            ),
            # The search box.
            GinIndex(fields=["search_vector"], name="contact_search_idx"),
            *(slot_index(name) for name in SLOTS),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """What people call this contact: the name, else the company, the address, the number."""
        name = " ".join(part for part in (self.first_name, self.last_name) if part)
        return name or self.company_name or self.email or self.phone or f"Contact {self.pk}"
