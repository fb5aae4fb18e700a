"""Shapes of what was changed of a contact."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contacts.models import ContactHistory, ContactOperation, OperationKind
from organizations.api.serializers import SparseFields


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


class KeyChangeSerializer(serializers.Serializer):
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
