"""/api/v1/activities/ and /api/v1/contacts/{id}/activities/: notes, calls, meetings, tasks, e-mails."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.models import ActivityType, Contact, ContactActivity
from contacts.services.activities import activity_add, activity_delete, activity_update
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.keyset import Order

ACTIVITY_TYPE = OpenApiParameter("activity_type", str, enum=list(ActivityType.values))
LATEST = {"occurred_at": Order("occurred_at"), "id": Order("id")}


class ActivitySerializer(SparseFields, serializers.ModelSerializer):
    """What somebody noted about a contact, or did with them."""

    contact = serializers.IntegerField(source="contact_id")
    data = serializers.JSONField(source="activity_data")  # type: ignore[assignment]
    created_by = serializers.IntegerField(source="created_by_id", allow_null=True)

    class Meta:
        model = ContactActivity
        fields = [
            "id",
            "contact",
            "activity_type",
            "data",
            "is_pinned",
            "occurred_at",
            "created_at",
            "created_by",
        ]
        read_only_fields = fields


class ActivityUpdateSerializer(StrictSerializer):
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="{“text”: …}, and whatever else is to be kept."
    )
    occurred_at = serializers.DateTimeField(required=False, help_text="Now, unless given.")
    is_pinned = serializers.BooleanField(
        required=False, help_text="Pinned ones stand above the others."
    )


class ActivityOfContactSerializer(ActivityUpdateSerializer):
    activity_type = serializers.ChoiceField(ActivityType.choices)


class ActivityWriteSerializer(ActivityOfContactSerializer):
    contact = serializers.IntegerField(min_value=1, max_value=2**63 - 1)


class ActivityFilters(django_filters.FilterSet):
    contact = django_filters.NumberFilter(field_name="contact_id")
    occurred_after = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = django_filters.IsoDateTimeFilter(field_name="occurred_at", lookup_expr="lt")

    class Meta:
        model = ContactActivity
        fields = ["activity_type", "is_pinned"]


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class ActivityViewSet(ApiViewSet):
    """What people noted about contacts, and did with them."""

    queryset = ContactActivity.objects.filter(contact__deleted_at=None)
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilters

    def list(self, request: Request) -> Response:
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=ActivityWriteSerializer, responses={201: ActivitySerializer})
    def create(self, request: Request) -> Response:
        checked = self.checked(ActivityWriteSerializer)
        contact = _contact(checked.pop("contact"))
        return _added(self, request, contact, checked)

    @extend_schema(
        request=ActivityUpdateSerializer,
        responses=ActivitySerializer,
        description="What is left out stays.",
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        changes = self.checked(ActivityUpdateSerializer)
        activity = activity_update(activity=self.get_object(), **changes)
        return Response(self.get_serializer(activity).data)

    @extend_schema(description="It can't be had back.")
    def destroy(self, request: Request, pk: int) -> Response:
        activity_delete(activity=self.get_object())
        return Response(status=204)


class ActivityActions:
    """What a viewset of contacts says of their activities."""

    @extend_schema(
        operation_id="contacts_activities",
        responses=ActivitySerializer(many=True),
        parameters=[FIELDS, ACTIVITY_TYPE],
        filters=False,
    )
    @action(detail=True, methods=["get"], orders=LATEST, default_ordering="-occurred_at")
    def activities(self: Any, request: Request, pk: int) -> Response:
        rows = ContactActivity.objects.filter(contact=self.get_object())
        if kind := request.query_params.get("activity_type"):
            rows = rows.filter(activity_type=_known(kind))
        return self.page(rows, ActivitySerializer)

    @extend_schema(
        operation_id="contacts_activities_add",
        request=ActivityOfContactSerializer,
        responses={201: ActivitySerializer},
    )
    @activities.mapping.post
    def add_activity(self: Any, request: Request, pk: int) -> Response:
        contact = self.get_object()
        return _added(self, request, contact, self.checked(ActivityOfContactSerializer))


def _added(view: Any, request: Request, contact: Contact, checked: dict[str, Any]) -> Response:
    activity = activity_add(contact=contact, **checked, actor=api_actor(request))
    shown = ActivitySerializer(activity, context=view.get_serializer_context())
    return Response(shown.data, status=201)


def _contact(pk: int) -> Contact:
    contact = Contact.objects.filter(pk=pk).first()
    if contact is None:
        error = ValidationError(f"Unknown id: {pk}.", code="unknown_id")
        raise ValidationError({"contact": error})
    return contact


def _known(kind: str) -> str:
    if kind not in ActivityType.values:
        message = f"There are {', '.join(ActivityType.values)}."
        raise ValidationError({"activity_type": ValidationError(message, code="invalid")})
    return kind
