"""/api/v1/saved-views/."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import SavedView
from contacts.selectors.contact_columns import DEFAULT_COLUMNS
from contacts.selectors.saved_views import saved_views_seen
from contacts.services.saved_views import (
    saved_view_create,
    saved_view_delete,
    saved_view_update,
)
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.keyset import Order
from organizations.roles import Role


class SavedViewSerializer(SparseFields, serializers.ModelSerializer):
    """A view of the list of contacts that everybody in the organization sees."""

    columns = serializers.ListField(child=serializers.CharField())
    filters = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = SavedView
        fields = ["id", "name", "columns", "sort", "filters", "created_at", "updated_at"]
        read_only_fields = fields


class SavedViewWriteSerializer(StrictSerializer):
    name = serializers.CharField()
    columns = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Such as status, tags, city or custom:age; name and e-mail always come first.",
    )
    sort = serializers.CharField(required=False, help_text="As ?ordering= of contacts/.")
    filters = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="As the parameters of contacts/: {“city”: “Oslo”}.",
    )


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class SavedViewViewSet(ApiViewSet):
    """Views of the list that everybody sees. Private ones are their owners' alone, and not here."""

    queryset = SavedView.objects.all()
    serializer_class = SavedViewSerializer
    filter_backends = []
    orders = {"name": Order("name_key"), "id": Order("id")}
    default_ordering = "name"

    def get_queryset(self) -> Any:
        return saved_views_seen(user=None)

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset())

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=SavedViewWriteSerializer, responses={201: SavedViewSerializer})
    def create(self, request: Request) -> Response:
        usual = {"columns": list(DEFAULT_COLUMNS), "sort": "-created_at", "filters": {}}
        values = usual | self.checked(SavedViewWriteSerializer)
        view = saved_view_create(**values, is_shared=True, **_program(request))
        return Response(self.get_serializer(view).data, status=201)

    @extend_schema(request=SavedViewWriteSerializer(partial=True), responses=SavedViewSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        changes = self.checked(SavedViewWriteSerializer, partial=True)
        view = saved_view_update(view=self.get_object(), **changes, **_program(request))
        return Response(self.get_serializer(view).data)

    @extend_schema(description="It leaves everybody's list of views. No contact is touched.")
    def destroy(self, request: Request, pk: int) -> Response:
        saved_view_delete(view=self.get_object(), **_program(request))
        return Response(status=204)


def _program(request: Request) -> dict[str, Any]:
    key: Any = request.auth
    return {"user": None, "role": Role(key.role)}
