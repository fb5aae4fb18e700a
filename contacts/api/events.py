"""/api/v1/events/ and /api/v1/contacts/{id}/events/: what contacts did."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.api.serializers import ErrorSerializer
from contacts.models import ContactEvent
from contacts.models.event import LONGEST_NAME
from contacts.services.events import Recorded, events_record
from organizations.api.problems import validation_errors
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.keyset import Order

MAX_EVENTS = 1_000
EVENT_TYPE = OpenApiParameter("event_type", str, description="Only those of this kind.")
CREATE_UNKNOWN = OpenApiParameter(
    "create_unknown", bool, description="Make the people whom nobody knows by their address or id."
)
LATEST = {"occurred_at": Order("occurred_at"), "id": Order("id")}


class EventSerializer(SparseFields, serializers.ModelSerializer):
    """Something that a contact did, or that was done to them. `is_machine`: the work of a scanner or a proxy, which
    counts for nothing."""

    contact = serializers.IntegerField(source="contact_id", allow_null=True)
    data = serializers.JSONField(source="event_data")  # type: ignore[assignment]
    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    automation = serializers.IntegerField(source="automation_id", allow_null=True)
    website = serializers.IntegerField(source="website_id", allow_null=True)

    class Meta:
        model = ContactEvent
        fields = [
            "id",
            "message_id",
            "event_type",
            "contact",
            "occurred_at",
            "received_at",
            "data",
            "source",
            "source_id",
            "campaign",
            "automation",
            "website",
            "is_machine",
        ]
        read_only_fields = fields


class EventContactSerializer(serializers.Serializer):
    """One of the three."""

    id = serializers.IntegerField(required=False)
    external_id = serializers.CharField(required=False)
    email = serializers.CharField(required=False)


class EventWriteSerializer(StrictSerializer):
    """Says what events are like; each is checked by itself (`contacts.cleaning.events`)."""

    message_id = serializers.CharField(
        max_length=200, help_text="Yours; what comes twice is kept once."
    )
    event_type = serializers.CharField(
        max_length=LONGEST_NAME, help_text="email_opened, form_submitted, or any name of yours."
    )
    contact = EventContactSerializer(
        required=False, allow_null=True, help_text="Without, it is nobody's yet."
    )
    occurred_at = serializers.DateTimeField(
        required=False, help_text="Now, unless given; nothing is of the future."
    )
    data = serializers.DictField(required=False)  # type: ignore[assignment]
    source = serializers.CharField(max_length=100, required=False)  # type: ignore[assignment]
    source_id = serializers.CharField(max_length=200, required=False)
    campaign = serializers.IntegerField(required=False)
    automation = serializers.IntegerField(required=False)
    website = serializers.IntegerField(required=False)


class RejectedSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="Its place in what was sent, from 0.")
    errors = ErrorSerializer(many=True)  # type: ignore[assignment]


class RecordedSerializer(serializers.Serializer):
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Had come before.")
    rejected = RejectedSerializer(many=True)


class EventFilters(django_filters.FilterSet):
    contact = django_filters.NumberFilter(field_name="contact_id")
    website = django_filters.NumberFilter(field_name="website_id")
    campaign = django_filters.NumberFilter(field_name="campaign_id")
    automation = django_filters.NumberFilter(field_name="automation_id")
    occurred_after = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = ContactEvent
        fields = ["event_type", "source", "source_id", "message_id", "is_machine"]


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class EventViewSet(ApiViewSet):
    """What contacts did. Events are sent once, and never changed."""

    queryset = ContactEvent.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilters
    extra_parameters = {"create": ("create_unknown",)}

    def list(self, request: Request) -> Response:
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=EventWriteSerializer(many=True),
        responses=RecordedSerializer,
        parameters=[CREATE_UNKNOWN],
        description=f"One event or a list of {MAX_EVENTS:,} at most. What is wrong is refused with its index and "
        "reason, and the others are kept. Sending them again is harmless.",
    )
    def create(self, request: Request) -> Response:
        recorded = events_record(
            events=_sent(request),
            actor=api_actor(request),
            create_unknown=_is_true(request, "create_unknown"),
        )
        return Response(recorded_document(recorded))


def recorded_document(recorded: Recorded) -> dict[str, Any]:
    """What became of a batch, as programs read it."""
    return {
        "accepted": recorded.accepted,
        "duplicates": recorded.duplicates,
        "rejected": [
            {"index": index, "errors": validation_errors(error)}
            for index, error in recorded.rejected
        ],
    }


def _sent(request: Request) -> list[Any]:
    """The events in the body. Raises ValidationError."""
    body: Any = request.data
    events = [body] if isinstance(body, dict) else body
    if not isinstance(events, list) or not 1 <= len(events) <= MAX_EVENTS:
        message = f"Send an event, or a list of 1 to {MAX_EVENTS:,}."
        raise ValidationError(message, code="invalid")
    return events


def _is_true(request: Request, name: str) -> bool:
    text = request.query_params.get(name, "false").lower()
    if text not in ("true", "1", "false", "0", ""):
        raise ValidationError({name: ValidationError(f"{name} is true or false.", code="invalid")})
    return text in ("true", "1")


class EventActions:
    """What a viewset of contacts says of their events."""

    @extend_schema(
        operation_id="contacts_events",
        responses=EventSerializer(many=True),
        parameters=[FIELDS, EVENT_TYPE],
        filters=False,
    )
    @action(detail=True, methods=["get"], orders=LATEST, default_ordering="-occurred_at")
    def events(self: Any, request: Request, pk: int) -> Response:
        rows = ContactEvent.objects.filter(contact=self.get_object())
        if name := request.query_params.get("event_type"):
            rows = rows.filter(event_type=name)
        return self.page(rows, EventSerializer)
