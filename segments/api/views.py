"""/api/v1/segments/."""

from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.models import Contact
from contacts.rules.compiler import contacts_of
from contacts.rules.reading import rule_read
from contacts.rules.sentences import sentence_of
from contacts.rules.world import World
from organizations.api.serializers import FIELDS
from organizations.api.views import ApiViewSet
from organizations.ids import id_of
from organizations.keyset import Order
from segments.api.filters import SegmentFilters
from segments.api.serializers import (
    DaySizeSerializer,
    ExplanationSerializer,
    ImpactSerializer,
    LogSerializer,
    MemberSerializer,
    MembersWriteSerializer,
    PinnedSerializer,
    PinsWriteSerializer,
    RefreshSerializer,
    RulePreviewSerializer,
    RulesSerializer,
    SegmentCreateSerializer,
    SegmentSerializer,
    SegmentWriteSerializer,
    explanation_document,
)
from segments.models import MembershipReason, Segment, SegmentKind, SegmentMembershipLog
from segments.selectors.counting import rule_size, some_of
from segments.selectors.explaining import explain
from segments.selectors.impact import impact
from segments.selectors.member_cache import MemberCache
from segments.selectors.members import MEMBER_ORDERS, members, members_at
from segments.selectors.sentences import sentences
from segments.selectors.sizes import sizes_by_day
from segments.services.pins import contacts_pin
from segments.services.refreshing import segment_refresh_cancel, segment_refresh_start
from segments.services.segments import segment_create, segment_delete, segment_update

SAMPLES = 5
MAX_DAYS = 366


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]), retrieve=extend_schema(parameters=[FIELDS])
)
class SegmentViewSet(ApiViewSet):
    """Contacts of whom a rule holds, always up to date, and lists that are kept by hand."""

    queryset = Segment.objects.all()
    serializer_class = SegmentSerializer
    filterset_class = SegmentFilters
    orders = {
        "name": Order("name_key"),
        "member_count": Order("member_count"),
        "created_at": Order("created_at"),
        "id": Order("id"),
    }
    default_ordering = "name"
    extra_parameters = {
        "members": ("at",),
        "history": ("from", "to", "action", "reason"),
        "explain": ("contact",),
        "sizes": ("days",),
    }

    def is_list(self) -> bool:
        return self.action in ("list", "members", "history")

    def filter_names(self) -> set[str]:
        return super().filter_names() if self.action == "list" else set()

    def _shown(self, segments: Any, *, many: bool = True) -> Any:
        context = self.get_serializer_context() | {"sentences": sentences(segments)}
        rows: Any = segments if many else segments[0]
        return SegmentSerializer(rows, many=many, context=context).data

    def list(self, request: Request) -> Response:
        self.check_fields(SegmentSerializer)
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._shown(found))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self._shown([self.get_object()], many=False))

    @extend_schema(request=SegmentCreateSerializer, responses={201: SegmentSerializer})
    def create(self, request: Request) -> Response:
        segment = segment_create(**self.checked(SegmentCreateSerializer))
        location = {"Location": f"{request.path.rstrip('/')}/{segment.pk}/"}
        return Response(self._shown([segment], many=False), status=201, headers=location)

    @extend_schema(request=SegmentWriteSerializer(partial=True), responses=SegmentSerializer)
    def partial_update(self, request: Request, pk: int) -> Response:
        changes = self.checked(SegmentWriteSerializer, partial=True)
        segment = segment_update(segment=self.get_object(), **changes)
        return Response(self._shown([segment], many=False))

    @extend_schema(description="Refused while something uses the segment. No contact is touched.")
    def destroy(self, request: Request, pk: int) -> Response:
        segment_delete(segment=self.get_object())
        return Response(status=204)

    @extend_schema(
        request=RulesSerializer,
        responses=RulePreviewSerializer,
        description="Whom rules mean now. Counting has two seconds; then the size is an estimate.",
    )
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        world = World(timezone.now())
        node = rule_read(self.checked(RulesSerializer)["rules"], world=world)
        size = rule_size(node=node, world=world)
        people = contacts_of(node, world).defer("search_vector").order_by("-pk")
        document = {
            "size": size,
            "sentence": sentence_of(node, world),
            "samples": some_of(people, SAMPLES) if size.count else [],
        }
        return Response(RulePreviewSerializer(document).data)

    @extend_schema(
        parameters=[
            FIELDS,
            OpenApiParameter("at", str, description="A date or a moment: who was in it then."),
        ],
        responses=MemberSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], orders=MEMBER_ORDERS, default_ordering="id")
    def members(self, request: Request, pk: int) -> Response:
        segment, at = self.get_object(), request.query_params.get("at")
        rows = members_at(segment=segment, at=_moment("at", at)) if at else members(segment=segment)
        cache = MemberCache(segment)
        self.take_rows, self.count_rows = cache.take, cache.count
        return self.page(rows.defer("search_vector"), MemberSerializer)

    @extend_schema(
        request=MembersWriteSerializer,
        responses={202: PinnedSerializer},
        description="Have contacts in the segment, whatever its rules say. They are in a moment later.",
    )
    @members.mapping.post
    def add_members(self, request: Request, pk: int) -> Response:
        return self._pinned(request, self.checked(MembersWriteSerializer)["contacts"], True)

    @extend_schema(
        request=MembersWriteSerializer,
        responses={202: PinnedSerializer},
        description="Have contacts out of the segment, whatever its rules say.",
    )
    @members.mapping.delete
    def remove_members(self, request: Request, pk: int) -> Response:
        return self._pinned(request, self.checked(MembersWriteSerializer)["contacts"], False)

    @extend_schema(request=PinsWriteSerializer, responses={202: PinnedSerializer})
    @action(detail=True, methods=["post"])
    def pins(self, request: Request, pk: int) -> Response:
        checked = self.checked(PinsWriteSerializer)
        return self._pinned(request, checked["contacts"], checked["is_in"])

    def _pinned(self, request: Request, ids: Any, is_in: bool | None) -> Response:
        operation = contacts_pin(
            segment=self.get_object(),
            selection={"ids": _known(ids)},
            is_in=is_in,
            actor=api_actor(request),
        )
        changed = operation.summary.get("updated", 0)
        return Response({"changed": changed, "operation": operation.pk}, status=202)

    @extend_schema(request=None, responses={202: RefreshSerializer})
    @action(detail=True, methods=["post"])
    def refresh(self, request: Request, pk: int) -> Response:
        segment = self.get_object()
        if segment.kind == SegmentKind.STATIC:
            message = "A segment that is kept by hand is always up to date."
            raise ValidationError({"segment": ValidationError(message, code="wrong_status")})
        refresh = segment_refresh_start(segment=segment, reason=MembershipReason.DATA)
        return Response(RefreshSerializer(refresh).data, status=202)

    @extend_schema(request=None, responses={202: RefreshSerializer})
    @action(detail=True, methods=["post"], url_path="refresh/cancel", url_name="refresh-cancel")
    def cancel(self, request: Request, pk: int) -> Response:
        refresh = segment_refresh_cancel(segment=self.get_object())
        return Response(RefreshSerializer(refresh).data, status=202)

    @extend_schema(
        parameters=[
            FIELDS,
            OpenApiParameter("from", str, description="From this date or moment on."),
            OpenApiParameter("to", str, description="Before this date or moment."),
            OpenApiParameter("action", str, enum=["joined", "left"]),
            OpenApiParameter("reason", str, enum=MembershipReason.values),
        ],
        responses=LogSerializer(many=True),
        filters=False,
        description="Who joined and left, when and why.",
    )
    @action(detail=True, methods=["get"], orders={"at": Order("at")}, default_ordering="-at")
    def history(self, request: Request, pk: int) -> Response:
        rows = SegmentMembershipLog.objects.filter(segment=self.get_object())
        asked = request.query_params
        for name, lookup in (("from", "at__gte"), ("to", "at__lt")):
            if asked.get(name):
                rows = rows.filter(**{lookup: _moment(name, asked[name])})
        for name, known in (("action", ("joined", "left")), ("reason", MembershipReason.values)):
            if asked.get(name):
                rows = rows.filter(**{name: _choice(name, asked[name], known)})
        return self.page(rows, LogSerializer)

    @extend_schema(
        parameters=[OpenApiParameter("contact", int, required=True)],
        responses=ExplanationSerializer,
        description="Why a contact is in, or is not: each condition with its truth and the value it looked at.",
        filters=False,
    )
    @action(detail=True, methods=["get"])
    def explain(self, request: Request, pk: int) -> Response:
        segment = self.get_object()
        contact_id = _number("contact", request.query_params.get("contact", ""))
        _known([contact_id], "contact")
        explained = explain(segment=segment, contact_id=contact_id)
        document = explanation_document(explained, contact_id=contact_id, segment_id=segment.pk)
        return Response(ExplanationSerializer(document).data)

    @extend_schema(
        request=RulesSerializer,
        responses=ImpactSerializer,
        description="Who would join and leave by other rules, before they are saved.",
    )
    @action(detail=True, methods=["post"])
    def impact(self, request: Request, pk: int) -> Response:
        rules = self.checked(RulesSerializer)["rules"]
        return Response(ImpactSerializer(impact(segment=self.get_object(), rules=rules)).data)

    @extend_schema(
        parameters=[OpenApiParameter("days", int, description=f"1 to {MAX_DAYS}; 30 by default.")],
        responses=DaySizeSerializer(many=True),
        filters=False,
        description="How many were in it at the end of each day in the organization's timezone, today last; who joined and left.",
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def sizes(self, request: Request, pk: int) -> Response:
        days = _number("days", request.query_params.get("days", "30"))
        if not 1 <= days <= MAX_DAYS:
            raise ValidationError({"days": f"days is a number from 1 to {MAX_DAYS}."})
        rows = sizes_by_day(segment=self.get_object(), days=days)
        return Response(DaySizeSerializer(rows, many=True).data)


def _known(ids: Any, name: str = "contacts") -> list[int]:
    """The ids, all of which have to be of living contacts. Raises ValidationError."""
    known = set(Contact.objects.filter(pk__in=ids).values_list("pk", flat=True))
    unknown = sorted(set(ids) - known)
    if unknown:
        listed = ", ".join(map(str, unknown[:5]))
        message = f"There is no contact {listed}."
        raise ValidationError({name: ValidationError(message, code="unknown_id")})
    return sorted(known)


def _number(name: str, text: str) -> int:
    number = id_of(text)
    if number is None:
        raise ValidationError({name: f"{name} is a number."})
    return number


def _choice(name: str, text: str, known: Any) -> str:
    if text not in known:
        raise ValidationError({name: f"{name} is one of {', '.join(known)}."})
    return text


def _moment(name: str, text: str) -> datetime:
    """A moment, or the end of a day for `at` and its beginning else; the organization's time where no offset is given."""
    try:
        moment, day = parse_datetime(text), parse_date(text) if len(text) == 10 else None
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime.combine(day, time.max if name == "at" else time.min)
    if moment is None:
        raise ValidationError({name: f"“{text[:80]}” is not a date such as 2026-03-01."})
    return moment if moment.tzinfo else moment.replace(tzinfo=World(timezone.now()).tz)
