"""Shapes of tags."""

from rest_framework import serializers

from organizations.api.serializers import SparseFields, StrictSerializer
from tags.models import Tag


class TagSerializer(SparseFields, serializers.ModelSerializer):
    """A tag, with how many living contacts have it."""

    class Meta:
        model = Tag
        fields = ["id", "name", "color", "description", "contact_count", "created_at"]
        read_only_fields = fields


class TagWriteSerializer(StrictSerializer):
    name = serializers.CharField()
    color = serializers.CharField(required=False, help_text="Such as #2563eb.")
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)


class AssignedTagSerializer(SparseFields, serializers.ModelSerializer):
    """A tag on a contact: since when, and through which door."""

    assigned_at = serializers.DateTimeField()
    assigned_through = serializers.CharField()

    class Meta:
        model = Tag
        fields = ["id", "name", "color", "assigned_at", "assigned_through"]
        read_only_fields = fields


class TagNamesSerializer(StrictSerializer):
    tags = serializers.ListField(
        child=serializers.CharField(), min_length=1, max_length=200, help_text="Names of tags."
    )


class GrowthDaySerializer(serializers.Serializer):
    date = serializers.DateField()
    count = serializers.IntegerField()


class GrowthSerializer(serializers.Serializer):
    """How many of those who have the tag now had it on each day (UTC), today last."""

    tag = serializers.IntegerField()
    days = GrowthDaySerializer(many=True)
