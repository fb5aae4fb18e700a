"""/api/v1/suppressions/: addresses that get no mail, whoever has them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.models import Suppression
from contacts.models.suppression import GIVEN_REASONS
from contacts.selectors.suppressions import suppressions_of
from contacts.services.suppressions import suppression_add, suppression_lift
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.api.views import ApiViewSet

NOTES = OpenApiParameter("notes", str, description="Why; or send {“notes”: …}.")
EMAIL = OpenApiParameter("email", str, description="The suppression of this address.")


class SuppressionSerializer(SparseFields, serializers.ModelSerializer):
    """An address that gets no mail, not even transactional mail. Of the address only its hash is kept: SHA-256, in
    hexadecimal, of the address in lower case."""

    class Meta:
        model = Suppression
        fields = ["id", "address_hash", "reason", "since", "source"]
        read_only_fields = fields


class SuppressionWriteSerializer(StrictSerializer):
    email = serializers.CharField(max_length=1000)
    reason = serializers.ChoiceField(GIVEN_REASONS)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True, help_text="Where this is known from."
    )


class LiftSerializer(StrictSerializer):
    notes = serializers.CharField(max_length=500, help_text="Why it may get mail again.")


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS, EMAIL]), retrieve=extend_schema(parameters=[FIELDS])
)
class SuppressionViewSet(ApiViewSet):
    """Addresses that get no mail, whoever has them."""

    queryset = Suppression.objects.all()
    serializer_class = SuppressionSerializer
    filter_backends = []
    extra_parameters = {"destroy": ("notes",)}

    def filter_names(self) -> set[str]:
        return {"email"}

    def list(self, request: Request) -> Response:
        email = request.query_params.get("email")
        return self.page(suppressions_of(email=email) if email else self.get_queryset())

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        request=SuppressionWriteSerializer,
        responses={201: SuppressionSerializer},
        description="The address gets nothing any more. One that is suppressed keeps its first reason (200).",
    )
    def create(self, request: Request) -> Response:
        checked = self.checked(SuppressionWriteSerializer)
        is_known = suppressions_of(email=checked["email"]).exists()
        kept = suppression_add(**checked, actor=api_actor(request))
        return Response(self.get_serializer(kept).data, status=200 if is_known else 201)

    @extend_schema(
        parameters=[NOTES],
        responses={204: None},
        description="Let the address get mail again. Needs a note; that of a contact is kept in its history.",
    )
    def destroy(self, request: Request, pk: int) -> Response:
        suppression_lift(
            suppression=self.get_object(), actor=api_actor(request), notes=self._notes(request)
        )
        return Response(status=204)

    def _notes(self, request: Request) -> Any:
        if "notes" in request.query_params:
            return request.query_params["notes"]
        return self.checked(LiftSerializer)["notes"]
