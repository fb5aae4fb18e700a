"""/api/v1/custom-fields/."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import CustomFieldDefinition, FieldType
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.flat_view import flat_view_state
from contacts.selectors.slot_states import slot_state, with_slot_jobs
from contacts.services.custom_fields import (
    custom_field_create,
    custom_field_delete,
    custom_field_update,
)
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.keyset import Order
from organizations.roles import CONFIGURE


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


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class CustomFieldViewSet(ApiViewSet):
    """The fields that the organization added to its contacts."""

    queryset = with_slot_jobs(CustomFieldDefinition.objects.all())
    serializer_class = CustomFieldSerializer
    filter_backends = []
    write_role = CONFIGURE
    orders = {"key": Order("key"), "id": Order("id")}
    default_ordering = "key"

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset())

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=CustomFieldCreateSerializer, responses={201: CustomFieldSerializer})
    def create(self, request: Request) -> Response:
        definition = custom_field_create(**self.checked(CustomFieldCreateSerializer))
        return Response(self.get_serializer(definition).data, status=201)

    @extend_schema(request=CustomFieldUpdateSerializer, responses=CustomFieldSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        definition = self.get_object()
        kept = {name: getattr(definition, name) for name in ("label", "choices", "is_required")}
        changes = self.checked(CustomFieldUpdateSerializer)
        definition = custom_field_update(definition=definition, **kept | changes)
        return Response(self.get_serializer(definition).data)

    @extend_schema(
        responses=FlatViewSerializer,
        description="The view in PostgreSQL that BI tools read: a row a contact, a typed column a field.",
    )
    @action(detail=False, url_path="flat-view")
    def flat_view(self, request: Request) -> Response:
        state = flat_view_state(definitions=custom_field_definitions())
        return Response(FlatViewSerializer(state).data)

    @extend_schema(
        description="Values stay with the contacts, unseen, and are back when the key is."
    )
    def destroy(self, request: Request, pk: int) -> Response:
        custom_field_delete(definition=self.get_object())
        return Response(status=204)
