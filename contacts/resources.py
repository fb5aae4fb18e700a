"""Custom fields as rows of a file."""

from typing import Any

from django.core.exceptions import ValidationError
from import_export.fields import Field
from import_export.widgets import Widget

from contacts.cleaning.booleans import clean_boolean
from contacts.models import CustomFieldDefinition
from contacts.services.custom_fields import custom_field_create, custom_field_update
from organizations.admin_files import ServiceResource


class Lines(Widget):
    """A list, one entry a line, as in the form."""

    def clean(self, value: str, row: Any = None, **options: Any) -> list[str]:
        return [line for line in value.splitlines() if line.strip()]

    def render(self, value: list[str] | None, obj: Any = None, **options: Any) -> str:
        return "\n".join(value or [])


class YesNo(Widget):
    """Read as cells of imports are; an empty cell means no."""

    def clean(self, value: str, row: Any = None, **options: Any) -> bool:
        return clean_boolean(value) if value.strip() else False

    def render(self, value: bool | None, obj: Any = None, **options: Any) -> str:
        return "yes" if value else "no"


class CustomFieldResource(ServiceResource):
    """A line is a field, found by its key."""

    choices = Field(attribute="choices", column_name="choices", widget=Lines())
    is_required = Field(attribute="is_required", column_name="is_required", widget=YesNo())
    is_indexed = Field(attribute="is_indexed", column_name="is_indexed", widget=YesNo())

    class Meta:
        model = CustomFieldDefinition
        fields = import_order = export_order = (
            "key", "label", "type", "choices", "is_required", "is_indexed",
        )  # fmt: skip
        import_id_fields = ("key",)

    def find(self, key: str) -> CustomFieldDefinition | None:
        return CustomFieldDefinition.objects.filter(key=key).first()

    def service_save(
        self, instance: CustomFieldDefinition, *, is_new: bool
    ) -> CustomFieldDefinition:
        values: dict[str, Any] = {
            "label": instance.label,
            "choices": instance.choices,
            "is_required": instance.is_required,
            "is_indexed": instance.is_indexed,
        }
        if is_new:
            return custom_field_create(key=instance.key, type=instance.type, **values)
        _require_same_type(instance)
        return custom_field_update(definition=instance, **values)


def _require_same_type(definition: CustomFieldDefinition) -> None:
    stored = CustomFieldDefinition.objects.get(pk=definition.pk)
    if definition.type != stored.type:
        message = f"The type stays {stored.type}: values are stored as it."
        raise ValidationError({"type": ValidationError(message, code="type")})
