"""Shapes of contacts, their fields, history and operations."""

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
    ContactHistory,
    ContactKind,
    ContactOperation,
    CustomFieldDefinition,
    FieldType,
    OperationKind,
    OperationStatus,
)
from contacts.selectors.engagement import NONE, Engagement
from contacts.selectors.slot_states import slot_state
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


class OperationReferenceSerializer(serializers.ModelSerializer):
    class Meta:
        model = ContactOperation
        fields = ["id", "kind", "source", "label"]


class OriginSerializer(serializers.Serializer):
    """Where an operation took the values from: an import, and the line of its file."""

    kind = serializers.ChoiceField([OperationKind.IMPORT.value])
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(help_text="Of the file.")
    line_number = serializers.IntegerField(
        source="row",
        allow_null=True,
        help_text="As in the import's records; null where no line is kept for this contact.",
    )


class HistorySerializer(SparseFields, serializers.ModelSerializer):
    """What one operation changed of a contact; keys as `city`, `custom:age`, `tag:12`, `segment:5` (by hand in or out),
    `deleted_at`.

    The view puts the places that operations took values from on it, for a whole page at once.
    """

    operation = OperationReferenceSerializer()
    origin = serializers.SerializerMethodField()
    is_undone = serializers.SerializerMethodField()

    class Meta:
        model = ContactHistory
        fields = [
            "id",
            "change_type",
            "operation",
            "origin",
            "old_value",
            "new_value",
            "changed_by",
            "changed_at",
            "notes",
            "is_undone",
        ]

    @extend_schema_field(OriginSerializer(allow_null=True))
    def get_origin(self, change: ContactHistory) -> dict[str, Any] | None:
        place = self.context["places"].get(change.operation_id)
        return OriginSerializer(place).data if place else None

    def get_is_undone(self, change: ContactHistory) -> bool:
        return change.undone_by_id is not None


class OperationSerializer(SparseFields, serializers.ModelSerializer):
    """One act that changed contacts, and can be undone as one."""

    kind = serializers.ChoiceField(OperationKind.choices)
    status = serializers.ChoiceField(OperationStatus.choices)
    error = serializers.SerializerMethodField()

    class Meta:
        model = ContactOperation
        fields = [
            "id",
            "kind",
            "source",
            "status",
            "label",
            "actor",
            "api_key",
            "undoes",
            "summary",
            "progress_done",
            "progress_total",
            "error",
            "created_at",
            "started_at",
            "finished_at",
            "undone_at",
        ]

    def get_error(self, operation: ContactOperation) -> str:
        """Why it gave up; what it stumbles over on the way is no answer for programs."""
        return operation.error if operation.status == OperationStatus.FAILED else ""


class KeyChangeSerializer(serializers.Serializer):
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class UndoExampleSerializer(serializers.Serializer):
    contact_id = serializers.IntegerField()
    name = serializers.CharField()
    reason = serializers.CharField(help_text="Why it is kept or blocked.")
    changes = serializers.DictField(child=KeyChangeSerializer(), help_text="By field.")


class UndoPreviewSerializer(serializers.Serializer):
    """How many contacts an undo would revert, keep since they were edited, or find blocked."""

    reverted = serializers.IntegerField()
    kept = serializers.IntegerField()
    blocked = serializers.IntegerField()
    untouched = serializers.IntegerField(
        help_text="How many of the kept ones nothing would go back of."
    )
    examples = serializers.DictField(
        child=serializers.ListField(child=UndoExampleSerializer()),
        help_text="The first contacts of each kind.",
    )
    is_possible = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it can't be undone now; else empty.")


class IndexStateSerializer(serializers.Serializer):
    """How far the index of a field is; rules use it once it is `ready`."""

    status = serializers.ChoiceField(["none", "filling", "ready", "failed"])
    done = serializers.IntegerField(help_text="How many contacts were looked at.")
    total = serializers.IntegerField()
    note = serializers.CharField(
        help_text="What a filling waits for, or why it stopped; else empty."
    )


class CustomFieldSerializer(SparseFields, serializers.ModelSerializer):
    choices = serializers.ListField(child=serializers.CharField())
    index = serializers.SerializerMethodField()

    @extend_schema_field(IndexStateSerializer)
    def get_index(self, definition: CustomFieldDefinition) -> Any:
        return IndexStateSerializer(slot_state(definition)).data

    class Meta:
        model = CustomFieldDefinition
        fields = [
            "id",
            "key",
            "label",
            "type",
            "choices",
            "is_required",
            "is_indexed",
            "index",
            "created_at",
        ]


class FlatViewSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="With its schema, as SQL calls it.")
    columns = serializers.DictField(
        child=serializers.CharField(), help_text="The column of each field, by its key."
    )
    refreshed_at = serializers.DateTimeField(allow_null=True, help_text="As of when it is.")
    took = serializers.DurationField(allow_null=True, help_text="How long its refresh took.")
    is_outdated = serializers.BooleanField(
        help_text="The fields have changed since it was made; it is made anew within minutes."
    )
    error = serializers.CharField(help_text="Why it could not be made; else empty.")


class CustomFieldUpdateSerializer(StrictSerializer):
    """A field's key and type stay: values are stored under and as them."""

    label = serializers.CharField(required=False, max_length=200)  # type: ignore[assignment]
    choices = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=1000,
        help_text="Of choice fields.",
    )
    is_required = serializers.BooleanField(required=False)
    is_indexed = serializers.BooleanField(
        required=False,
        help_text="Rules on an indexed field are fast. There is room for four numbers, four texts (choices and addresses "
        "too) and four dates or times; yes or no and several choices are not indexed. True again tries a failed index again.",
    )


class CustomFieldCreateSerializer(CustomFieldUpdateSerializer):
    key = serializers.CharField(max_length=63)
    type = serializers.ChoiceField(FieldType.choices)
