"""Shapes of segments."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from contacts.models import Contact
from organizations.api.serializers import SparseFields, StrictSerializer
from segments.models import Segment, SegmentKind, SegmentMembershipLog, SegmentRefresh

MAX_IDS = 10_000
RULES_HELP = "The rule language: docs/rules.md."


class SegmentSerializer(SparseFields, serializers.ModelSerializer):
    """A segment. `member_count` is exact as of `computed_at` and every change since; `sentence` says its rules."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = Segment
        fields = [
            "id",
            "name",
            "description",
            "kind",
            "rules",
            "sentence",
            "status",
            "error",
            "member_count",
            "computed_at",
            "depends_on",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.CharField())
    def get_sentence(self, segment: Segment) -> str:
        return self.context["sentences"][segment.pk]


class SegmentWriteSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    rules = serializers.JSONField(required=False, help_text=RULES_HELP)


class SegmentCreateSerializer(SegmentWriteSerializer):
    kind = serializers.ChoiceField(SegmentKind.choices, default=SegmentKind.DYNAMIC)


class RulesSerializer(StrictSerializer):
    rules = serializers.JSONField(help_text=RULES_HELP)


class SizeSerializer(serializers.Serializer):
    """How many contacts: counted, or (`is_exact` false) estimated, null where even that took too long."""

    count = serializers.IntegerField(allow_null=True)
    is_exact = serializers.BooleanField()


class ContactSampleSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="display_name")

    class Meta:
        model = Contact
        fields = ["id", "email", "name"]


class RulePreviewSerializer(serializers.Serializer):
    size = SizeSerializer()
    sentence = serializers.CharField()
    samples = ContactSampleSerializer(many=True)


class SideSerializer(serializers.Serializer):
    size = SizeSerializer()
    samples = ContactSampleSerializer(many=True)


class SegmentUserSerializer(serializers.Serializer):
    what = serializers.CharField()
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class ImpactSerializer(serializers.Serializer):
    """Who would join and leave by other rules, and what uses the segment."""

    joining = SideSerializer()
    leaving = SideSerializer()
    used_by = SegmentUserSerializer(many=True)


class MemberSerializer(SparseFields, serializers.ModelSerializer):
    """A contact in a segment. `added_at`: since when."""

    name = serializers.CharField(source="display_name")
    added_at = serializers.DateTimeField()
    is_deleted = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields = ["id", "email", "name", "added_at", "is_deleted"]
        read_only_fields = fields

    def get_is_deleted(self, contact: Contact) -> bool:
        return contact.deleted_at is not None


class MembersWriteSerializer(StrictSerializer):
    contacts = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        min_length=1,
        max_length=MAX_IDS,
        help_text="Ids of contacts.",
    )


class PinsWriteSerializer(MembersWriteSerializer):
    is_in = serializers.BooleanField(
        allow_null=True,
        help_text="true: always in; false: always out; null: as the rules have it.",
    )


class PinnedSerializer(serializers.Serializer):
    """For how many contacts that was new, and the operation that can be undone. The segment follows a moment later."""

    changed = serializers.IntegerField()
    operation = serializers.IntegerField(allow_null=True)


class LogSerializer(SparseFields, serializers.ModelSerializer):
    """Who joined or left, when and why."""

    contact = serializers.IntegerField(source="contact_id")

    class Meta:
        model = SegmentMembershipLog
        fields = ["id", "contact", "action", "reason", "at"]
        read_only_fields = fields


class RefreshSerializer(serializers.ModelSerializer):
    """A computation of the whole segment."""

    class Meta:
        model = SegmentRefresh
        fields = [
            "id",
            "status",
            "phase",
            "reason",
            "joined",
            "left",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        ]


class DaySizeSerializer(serializers.Serializer):
    date = serializers.DateField()
    size = serializers.IntegerField()
    joined = serializers.IntegerField()
    left = serializers.IntegerField()


class ExplanationSerializer(serializers.Serializer):
    """`rules`: the rule as it was written, with its truth at each node (`result`), and at each condition the value that it
    looked at (`actual`) and what it says (`sentence`).
    """

    contact = serializers.IntegerField()
    segment = serializers.IntegerField()
    is_member = serializers.BooleanField()
    member_since = serializers.DateTimeField(allow_null=True)
    holds = serializers.BooleanField(help_text="Whether the rules hold, pins apart.")
    pin = serializers.BooleanField(allow_null=True, help_text="true: always in; false: always out.")
    rules = serializers.JSONField(allow_null=True)


class ContactSegmentSerializer(SparseFields, serializers.Serializer):
    """A segment that a contact is in, and since when."""

    id = serializers.IntegerField(source="segment_id")
    name = serializers.CharField(source="segment.name")
    added_at = serializers.DateTimeField()


def explanation_document(explained: Any, *, contact_id: int, segment_id: int) -> dict[str, Any]:
    return {
        "contact": contact_id,
        "segment": segment_id,
        "is_member": explained.member_since is not None,
        "member_since": explained.member_since,
        "holds": explained.holds,
        "pin": explained.pin,
        "rules": explained.tree and explained.tree.as_document(),
    }
