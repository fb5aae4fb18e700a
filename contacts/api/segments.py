"""/api/v1/contacts/{id}/segments/ and …/explain/: which segments a contact is in, and why."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.api.serializers import FIELDS
from organizations.ids import id_of
from organizations.keyset import Order
from segments.api.serializers import (
    ContactSegmentSerializer,
    ExplanationSerializer,
    explanation_document,
)
from segments.models import Segment, SegmentMembership
from segments.selectors.explaining import explain


class SegmentActions:
    """What a viewset of contacts says of the segments that they are in."""

    @extend_schema(
        operation_id="contacts_segments",
        responses=ContactSegmentSerializer(many=True),
        parameters=[FIELDS],
        filters=False,
    )
    @action(
        detail=True,
        methods=["get"],
        orders={"id": Order("segment_id", tie="segment_id")},
    )
    def segments(self: Any, request: Request, pk: int) -> Response:
        rows = SegmentMembership.objects.filter(contact=self.get_object())
        return self.page(rows.select_related("segment"), ContactSegmentSerializer)

    @extend_schema(
        operation_id="contacts_explain",
        parameters=[OpenApiParameter("segment", int, required=True)],
        responses=ExplanationSerializer,
        description="Why the contact is in a segment, or is not.",
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def explain(self: Any, request: Request, pk: int) -> Response:
        contact, text = self.get_object(), request.query_params.get("segment", "")
        segment = Segment.objects.filter(pk=id_of(text)).first()
        if segment is None:
            message = f"There is no segment {text[:80]}."
            raise ValidationError({"segment": ValidationError(message, code="unknown_id")})
        explained = explain(segment=segment, contact_id=contact.pk)
        document = explanation_document(explained, contact_id=contact.pk, segment_id=segment.pk)
        return Response(ExplanationSerializer(document).data)
