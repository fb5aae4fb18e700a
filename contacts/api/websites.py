"""/api/v1/websites/: the sites whose visits are events."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.models import Website
from contacts.services.websites import website_create, website_delete, website_update
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet
from organizations.keyset import Order


class WebsiteSerializer(SparseFields, serializers.ModelSerializer):
    """A site whose visits are events."""

    class Meta:
        model = Website
        fields = ["id", "name", "domain", "created_at"]
        read_only_fields = fields


class WebsiteWriteSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200)
    domain = serializers.CharField(max_length=1000, help_text="Of an address its domain is kept.")


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class WebsiteViewSet(ApiViewSet):
    """The sites whose visits are events."""

    queryset = Website.objects.all()
    serializer_class = WebsiteSerializer
    filter_backends = []
    orders = {"domain": Order("domain"), "id": Order("id")}
    default_ordering = "domain"

    def list(self, request: Request) -> Response:
        return self.page(self.get_queryset())

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=WebsiteWriteSerializer, responses={201: WebsiteSerializer})
    def create(self, request: Request) -> Response:
        website = website_create(**self.checked(WebsiteWriteSerializer))
        location = {"Location": f"{request.path.rstrip('/')}/{website.pk}/"}
        return Response(self.get_serializer(website).data, status=201, headers=location)

    @extend_schema(request=WebsiteWriteSerializer(partial=True), responses=WebsiteSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        changes = self.checked(WebsiteWriteSerializer, partial=True)
        website = website_update(website=self.get_object(), **changes)
        return Response(self.get_serializer(website).data)

    @extend_schema(description="Its events stay, and are of no site any more.")
    def destroy(self, request: Request, pk: int) -> Response:
        website_delete(website=self.get_object())
        return Response(status=204)
