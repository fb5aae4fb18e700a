"""/api/v1/preference-types/ and relationship-types/: kinds of mail and of relationships."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import PreferenceType, RelationshipType
from contacts.services.kinds import (
    preference_type_create,
    preference_type_update,
    relationship_type_create,
    relationship_type_update,
)
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.keyset import Order
from organizations.roles import CONFIGURE

KEY_HELP = "a–z, 0–9 and _; it stays."


class PreferenceTypeSerializer(SparseFields, serializers.ModelSerializer):
    """A kind of mail. `is_enabled_by_default` holds for who said nothing of it."""

    class Meta:
        model = PreferenceType
        fields = [
            "id",
            "key",
            "label",
            "description",
            "is_transactional",
            "is_enabled_by_default",
            "created_at",
        ]
        read_only_fields = fields


class PreferenceTypeUpdateSerializer(StrictSerializer):
    label = serializers.CharField(required=False, max_length=200)  # type: ignore[assignment]
    description = serializers.CharField(required=False, allow_blank=True, max_length=500)
    is_enabled_by_default = serializers.BooleanField(
        required=False, help_text="Transactional mail can't be switched off."
    )


class PreferenceTypeCreateSerializer(PreferenceTypeUpdateSerializer):
    key = serializers.CharField(max_length=40, help_text=KEY_HELP)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]


class RelationshipTypeSerializer(SparseFields, serializers.ModelSerializer):
    """A kind of relationship, as it is called from either end."""

    class Meta:
        model = RelationshipType
        fields = ["id", "key", "label", "inverse_label", "created_at"]
        read_only_fields = fields


class RelationshipTypeUpdateSerializer(StrictSerializer):
    label = serializers.CharField(required=False, max_length=200)  # type: ignore[assignment]
    inverse_label = serializers.CharField(required=False, max_length=200)


class RelationshipTypeCreateSerializer(StrictSerializer):
    key = serializers.CharField(max_length=40, help_text=KEY_HELP)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]
    inverse_label = serializers.CharField(max_length=200)


class KindViewSet(ApiViewSet):
    """Kinds of something, known by keys that stay."""

    filter_backends = []
    write_role = CONFIGURE
    orders = {"key": Order("key"), "id": Order("id")}
    default_ordering = "id"

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset())

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def _updated(self, update: Any, serializer_class: Any, names: tuple[str, ...]) -> Response:
        kind = self.get_object()
        kept = {name: getattr(kind, name) for name in names}
        return Response(
            self.get_serializer(update(kind=kind, **kept | self.checked(serializer_class))).data
        )


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class PreferenceTypeViewSet(KindViewSet):
    """Kinds of mail that people choose to get or not."""

    queryset = PreferenceType.objects.all()
    serializer_class = PreferenceTypeSerializer

    @extend_schema(
        request=PreferenceTypeCreateSerializer, responses={201: PreferenceTypeSerializer}
    )
    def create(self, request: Request) -> Response:
        kind = preference_type_create(**self.checked(PreferenceTypeCreateSerializer))
        return Response(self.get_serializer(kind).data, status=201)

    @extend_schema(request=PreferenceTypeUpdateSerializer, responses=PreferenceTypeSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        names = ("label", "description", "is_enabled_by_default")
        return self._updated(preference_type_update, PreferenceTypeUpdateSerializer, names)


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class RelationshipTypeViewSet(KindViewSet):
    """Ways in which contacts are related."""

    queryset = RelationshipType.objects.all()
    serializer_class = RelationshipTypeSerializer

    @extend_schema(
        request=RelationshipTypeCreateSerializer, responses={201: RelationshipTypeSerializer}
    )
    def create(self, request: Request) -> Response:
        kind = relationship_type_create(**self.checked(RelationshipTypeCreateSerializer))
        return Response(self.get_serializer(kind).data, status=201)

    @extend_schema(request=RelationshipTypeUpdateSerializer, responses=RelationshipTypeSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        names = ("label", "inverse_label")
        return self._updated(relationship_type_update, RelationshipTypeUpdateSerializer, names)
