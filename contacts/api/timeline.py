"""/api/v1/contacts/{id}/timeline/: what happened, what people did with them and what was changed, latest first."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from contacts.api.activities import ActivitySerializer
from contacts.api.events import EventSerializer
from contacts.api.history import HistorySerializer
from contacts.models import Contact
from contacts.selectors.places import places_of
from contacts.selectors.timeline import Happening, contact_timeline
from organizations.ids import id_of

KIND = OpenApiParameter(
    "kind",
    str,
    description="activities, emails, events or history; several are separated by commas.",
)
CURSOR = OpenApiParameter("cursor", str, description="From `next` of another page.")
SIZE = OpenApiParameter("page_size", int, description="1 to 500; 50 by default.")
# Of what upper floors add, programs see when it was and its number.
SHAPES: dict[str, Any] = {
    "activities": ActivitySerializer,
    "emails": EventSerializer,
    "events": EventSerializer,
    "history": HistorySerializer,
}
MOST = 500


class HappeningSerializer(serializers.Serializer):
    """Something on the timeline. `item` is what events/, activities/ or …/history/ show of it."""

    at = serializers.DateTimeField()
    kind = serializers.CharField(source="source.name")
    id = serializers.IntegerField(source="pk")
    item = serializers.DictField()


class TimelineSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True, help_text="Always null.")
    results = HappeningSerializer(many=True)


class TimelineActions:
    """What a viewset of contacts says of their timeline."""

    @extend_schema(
        operation_id="contacts_timeline",
        responses=TimelineSerializer,
        parameters=[KIND, CURSOR, SIZE],
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def timeline(self: Any, request: Request, pk: int) -> Response:
        contact = self.get_object()
        kinds = [each for each in request.query_params.get("kind", "").split(",") if each]
        page = contact_timeline(
            contact=contact,
            before=request.query_params.get("cursor"),
            limit=_size(request),
            kinds=kinds,
        )
        link = request.build_absolute_uri()
        next_link = replace_query_param(link, "cursor", page.older) if page.older else None
        results = _documents(contact, page.happenings)
        return Response({"next": next_link, "previous": None, "results": results})


def _documents(contact: Contact, happenings: list[Happening]) -> list[dict[str, Any]]:
    changes = [each.row for each in happenings if each.source.name == "history"]
    context = {"places": places_of(contact_id=contact.pk, changes=changes)}
    return [
        {
            "at": serializers.DateTimeField().to_representation(each.at),
            "kind": each.source.name,
            "id": each.pk,
            "item": SHAPES[each.source.name](each.row, context=context).data
            if each.source.name in SHAPES
            else {},
        }
        for each in happenings
    ]


def _size(request: Request) -> int:
    size = id_of(request.query_params.get("page_size") or "50") or 0
    if not 1 <= size <= MOST:
        message = f"A page has 1 to {MOST} results."
        raise ValidationError({"page_size": ValidationError(message, code="invalid")})
    return size
