"""Shapes of contacts, and of what is done to many of them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contacts.attributes import ATTRIBUTE_LABELS
from contacts.engagement import Level
from contacts.models import (
    Contact,
    ContactKind,
)
from contacts.selectors.engagement import NONE, Engagement
from organizations.api.problems import validation_errors
from organizations.api.serializers import SparseFields, StrictSerializer
from tags.services.tagged_contacts import ContactValues, RowResult

MAX_ROWS = 10_000
MAX_TAGS = 200
MATCHES = [("email", "E-mail address"), ("external_id", "External ID")]
MODES = [
    ("upsert", "Create and update"),
    ("create", "Create only"),
    ("update", "Update only"),
]
ATTRIBUTES = tuple(ATTRIBUTE_LABELS)
ENGAGEMENT = tuple(each.name for each in dataclasses.fields(Engagement))


class ContactSerializer(SparseFields, serializers.ModelSerializer):
    """A contact. `tags` and the known custom fields are put on it by the view, for a whole page at once."""

    custom_fields = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    engagement_score = serializers.FloatField(help_text="As it is now; 0 for who did nothing yet.")
    engagement_level = serializers.ChoiceField([level.value for level in Level])
    total_emails_sent = serializers.IntegerField()
    total_emails_opened = serializers.IntegerField()
    total_emails_clicked = serializers.IntegerField()
    last_email_opened_at = serializers.DateTimeField()
    last_email_clicked_at = serializers.DateTimeField()
    last_engaged_at = serializers.DateTimeField()

    class Meta:
        model = Contact
        fields = [
            "id",
            *ATTRIBUTES,
            "paused_until",
            "custom_fields",
            "tags",
            *ENGAGEMENT,
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def to_representation(self, contact: Contact) -> dict[str, Any]:
        """Straight from the columns, which are JSON's own types already: pages have up to 500 contacts."""
        made: dict[str, Any] = {"custom_fields": self.get_custom_fields, "tags": self.get_tags}
        engagement = self.context["engagement"].get(contact.pk, NONE)
        return {
            name: made[name](contact)
            if name in made
            else getattr(engagement if name in ENGAGEMENT else contact, name)
            for name in map(str, self.fields)
        }

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_custom_fields(self, contact: Contact) -> dict[str, Any]:
        known = self.context["custom_keys"]
        return {key: value for key, value in contact.custom_fields.items() if key in known}

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_tags(self, contact: Contact) -> list[str]:
        return [tag.name for tag in self.context["tags"].get(contact.pk, [])]


def _text() -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_null=True, allow_blank=True, trim_whitespace=False
    )


class ContactWriteSerializer(StrictSerializer):
    """What a contact is to have; null or blank unsets, what is left out stays. Values are cleaned by services."""

    kind = serializers.ChoiceField(ContactKind.choices, required=False)
    email = _text()
    external_id = _text()
    phone = _text()
    first_name = _text()
    last_name = _text()
    company_name = _text()
    job_title = _text()
    city = _text()
    country = _text()
    language = _text()
    timezone = _text()
    source = _text()  # type: ignore[assignment]
    is_active = serializers.BooleanField(required=False)
    is_subscribed = serializers.BooleanField(required=False)
    custom_fields = serializers.DictField(
        child=serializers.JSONField(allow_null=True), required=False, help_text="Values by key."
    )
    tags = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MAX_TAGS,
        help_text="Names of tags; unknown ones are made.",
    )
    notes = serializers.CharField(
        required=False, max_length=500, write_only=True, help_text="Why; kept in the history."
    )


def contact_values(checked: Mapping[str, Any]) -> ContactValues:
    """What a checked body says about a contact."""
    attributes = {name: checked[name] for name in ATTRIBUTES if name in checked}
    return ContactValues(attributes, checked.get("custom_fields") or {}, checked.get("tags"))


def row_values(row: Any) -> ContactValues | ValidationError:
    """A row of many, checked as ContactWriteSerializer would, but fast: there may be 10,000."""
    if not isinstance(row, dict):
        return ValidationError("A contact is an object such as {“email”: …}.", code="invalid")
    custom_fields, tags = row.get("custom_fields") or {}, row.get("tags")
    errors = {}
    if not isinstance(custom_fields, dict):
        errors["custom_fields"] = ValidationError("Give an object, values by key.", code="invalid")
    if tags is not None and not _are_names(tags):
        message = f"Give a list of names, {MAX_TAGS} at most."
        errors["tags"] = ValidationError(message, code="invalid")
    if errors:
        return ValidationError(errors)
    attributes = {
        name: _as_text(value)
        for name, value in row.items()
        if name not in ("custom_fields", "tags")
    }
    return ContactValues(attributes, custom_fields, tags)


def _are_names(tags: Any) -> bool:
    is_list = isinstance(tags, list) and len(tags) <= MAX_TAGS
    return is_list and all(isinstance(name, str) for name in tags)


def _as_text(value: Any) -> Any:
    """Ids and telephone numbers often come as numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@extend_schema_field(ContactWriteSerializer(many=True))
class RowsField(serializers.ListField):
    """Rows whose shape is checked one by one, later: a bad one fails by itself."""

    child = serializers.JSONField(allow_null=True)


class BulkUpsertSerializer(StrictSerializer):
    match = serializers.ChoiceField(MATCHES, default="email")
    mode = serializers.ChoiceField(MODES, default="upsert")
    contacts = RowsField(min_length=1, max_length=MAX_ROWS)


class ErrorSerializer(serializers.Serializer):
    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class RowResultSerializer(serializers.Serializer):
    index = serializers.IntegerField()
    id = serializers.IntegerField(source="contact_id", allow_null=True)
    outcome = serializers.CharField(
        help_text="created, updated, unchanged, skipped, duplicate or failed."
    )
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]

    @extend_schema_field(ErrorSerializer(many=True))
    def get_errors(self, result: RowResult) -> list[dict[str, str]]:
        return validation_errors(result.error) if result.error else []


class BulkUpsertResultSerializer(serializers.Serializer):
    operation = serializers.IntegerField(
        allow_null=True, help_text="Undo it at operations/{id}/undo/."
    )
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by outcome.")
    results = RowResultSerializer(many=True)


class BulkEditSerializer(StrictSerializer):
    """Who (`ids` or `filters`, those of the list) and what: new values, tags, or deletion."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        min_length=1,
        max_length=MAX_ROWS,
    )
    filters = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="{} means every contact."
    )
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.JSONField(allow_null=True), required=False
    )
    custom_fields = serializers.DictField(
        child=serializers.JSONField(allow_null=True), required=False
    )
    add_tags = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=MAX_TAGS
    )
    remove_tags = serializers.ListField(
        child=serializers.CharField(), required=False, max_length=MAX_TAGS
    )
    delete = serializers.BooleanField(default=False)
    notes = serializers.CharField(required=False, max_length=500, default="")
