"""/api/v1/tags/."""

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from organizations.api.serializers import FIELDS
from organizations.api.views import ApiViewSet
from organizations.ids import id_of
from organizations.keyset import Order
from tags.api.filters import TagFilters
from tags.api.serializers import GrowthSerializer, TagSerializer, TagWriteSerializer
from tags.models import Tag
from tags.selectors.growth import tag_growth
from tags.services.tags import tag_create, tag_delete, tag_update

MAX_DAYS = 366


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class TagViewSet(ApiViewSet):
    """Words that people put on contacts."""

    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    filterset_class = TagFilters
    orders = {
        "name": Order("name_key"),
        "contact_count": Order("contact_count"),
        "created_at": Order("created_at"),
        "id": Order("id"),
    }
    default_ordering = "name"
    extra_parameters = {"growth": ("days",)}

    def list(self, request: Request) -> Response:
        return self.page(self.filter_queryset(self.get_queryset()))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=TagWriteSerializer, responses={201: TagSerializer})
    def create(self, request: Request) -> Response:
        tag = tag_create(**self.checked(TagWriteSerializer))
        return Response(self.get_serializer(tag).data, status=201)

    @extend_schema(request=TagWriteSerializer(partial=True), responses=TagSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        tag = self.get_object()
        kept = {name: getattr(tag, name) for name in ("name", "color", "description")}
        changes = self.checked(TagWriteSerializer, partial=True)
        return Response(self.get_serializer(tag_update(tag=tag, **kept | changes)).data)

    @extend_schema(description="Takes the tag off every contact. The tag itself can't be had back.")
    def destroy(self, request: Request, pk: int) -> Response:
        tag_delete(tag=self.get_object(), actor=api_actor(request))
        return Response(status=204)

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description=f"1 to {MAX_DAYS}; 30 by default.")],
        responses=GrowthSerializer,
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def growth(self, request: Request, pk: int) -> Response:
        tag = self.get_object()
        totals = tag_growth(tag=tag, days=_days(request.query_params.get("days", "30")))
        days = [{"date": day, "count": count} for day, count in totals]
        return Response(GrowthSerializer({"tag": tag.pk, "days": days}).data)


def _days(text: str) -> int:
    days = id_of(text) or 0
    if not 1 <= days <= MAX_DAYS:
        raise ValidationError({"days": f"days is a number from 1 to {MAX_DAYS}."})
    return days
