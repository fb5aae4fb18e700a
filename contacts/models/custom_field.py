from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from contacts.models.contact import NUMBER_SLOTS, SLOTS, TEXT_SLOTS, TIME_SLOTS
from organizations.models import TenantModel, tenant_key

KEY = RegexValidator(
    r"^[a-z][a-z0-9_]{0,62}\Z",
    "Use a–z, 0–9 and _, beginning with a letter, 63 characters at most.",
)


class FieldType(models.TextChoices):
    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    DATETIME = "datetime", "Date and time"
    BOOLEAN = "boolean", "Yes or no"
    CHOICE = "choice", "One choice"
    MULTI_CHOICE = "multi_choice", "Several choices"
    URL = "url", "Web address"


# Which of a contact's typed columns can carry a field of a type; the others are not indexed: an index on yes or no saves
# nothing, and several choices are no one value.
SLOTS_OF_TYPE = {
    FieldType.NUMBER: NUMBER_SLOTS,
    FieldType.TEXT: TEXT_SLOTS,
    FieldType.CHOICE: TEXT_SLOTS,
    FieldType.URL: TEXT_SLOTS,
    FieldType.DATE: TIME_SLOTS,
    FieldType.DATETIME: TIME_SLOTS,
}


class CustomFieldDefinition(TenantModel):
    """A field that an organization added to its contacts; values live typed in `Contact.custom_fields`."""

    key = models.CharField(max_length=63, validators=[KEY])
    label = models.CharField(max_length=200)
    type = models.CharField(max_length=16, choices=FieldType, default=FieldType.TEXT)
    choices = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(default=False)
    is_indexed = models.BooleanField(default=False)
    slot = models.CharField(max_length=16, null=True, blank=True, editable=False)  # noqa: DJ001
    # Since when the slot holds the value of every contact; until then only writers know it.
    slot_ready_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "contact_custom_field_definitions"
        verbose_name = "custom field"
        constraints = [
            tenant_key("custom_field"),
            models.UniqueConstraint(fields=["organization", "key"], name="custom_field_key_key"),
            models.UniqueConstraint(
                fields=["organization", "slot"],
                condition=Q(slot__isnull=False),
                name="custom_field_slot_key",
            ),
            models.CheckConstraint(
                condition=Q(type__in=FieldType.values), name="custom_field_type_valid"
            ),
            models.CheckConstraint(
                condition=Q(slot=None) | Q(slot__in=SLOTS), name="custom_field_slot_valid"
            ),
            models.CheckConstraint(
                condition=Q(slot_ready_at=None) | Q(slot__isnull=False),
                name="custom_field_slot_ready",
            ),
        ]

    def __str__(self) -> str:
        return self.label
