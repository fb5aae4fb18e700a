"""/api/v1/contacts/."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.activities import ActivityActions
from contacts.api.actors import api_actor
from contacts.api.bulk_edits import BulkEdit, bulk_edit_read
from contacts.api.consent import ConsentActions
from contacts.api.events import EventActions
from contacts.api.filters import ContactFilters, filters_asked
from contacts.api.history import HistorySerializer
from contacts.api.operations import OperationSerializer, operation_accepted
from contacts.api.relations import RelationActions
from contacts.api.segments import SegmentActions
from contacts.api.serializers import (
    ENGAGEMENT,
    BulkEditSerializer,
    BulkUpsertResultSerializer,
    BulkUpsertSerializer,
    ContactSerializer,
    ContactWriteSerializer,
    contact_values,
    row_values,
)
from contacts.api.timeline import TimelineActions
from contacts.models import Contact, ContactHistory
from contacts.selectors.contact_list import ORDERS, contact_split, filter_names
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.engagement import engagement_of
from contacts.selectors.places import places_of
from contacts.selectors.survivors import contact_surviving
from contacts.services.bulk import bulk_edit_start
from contacts.services.contacts import contacts_delete
from organizations.api.serializers import FIELDS, requested_fields
from organizations.api.views import ApiViewSet
from organizations.keyset import Order
from organizations.narrowing import Split
from tags.api.serializers import AssignedTagSerializer, TagNamesSerializer
from tags.models import Tag
from tags.names import tag_name_errors
from tags.selectors.tagged import tags_of
from tags.services.tagged_contacts import (
    tagged_contact_create,
    tagged_contact_update,
    tagged_contacts_upsert,
)
from tags.services.tags import tags_assign, tags_ensure, tags_named, tags_remove

NEWEST = {"id": Order("id")}


@extend_schema_view(
    list=extend_schema(parameters=[FIELDS]),
    retrieve=extend_schema(
        parameters=[FIELDS],
        description="The id of a contact that was merged answers with the one that it became.",
    ),
)
class ContactViewSet(
    ActivityActions,
    ConsentActions,
    EventActions,
    RelationActions,
    SegmentActions,
    TimelineActions,
    ApiViewSet,
):
    """People and companies."""

    queryset = Contact.objects.all()
    serializer_class = ContactSerializer
    filter_backends = [ContactFilters]
    orders = NEWEST | ORDERS

    extra_parameters = {
        "remove_tags": ("tag",),
        "explain": ("segment",),
        "events": ("event_type",),
        "activities": ("activity_type",),
        "timeline": ("kind", "cursor", "page_size"),
    }

    def filter_names(self) -> set[str]:
        return set(filter_names()) if self.action == "list" else set()

    def is_list(self) -> bool:
        return self.action in (
            "list",
            "history",
            "list_tags",
            "relationships",
            "identifiers",
            "segments",
            "events",
            "activities",
        )

    def is_filtered(self) -> bool:
        """Whether a page shows some of very many contacts."""
        return any(self.request.query_params.get(name) for name in self.filter_names())

    def split(self, order: Order) -> Split | None:
        return contact_split(filters=filters_asked(self.request), order=order)

    def get_object(self) -> Contact:
        contact = contact_surviving(contact_id=self.kwargs["pk"])
        if contact is None:
            raise Http404
        return contact

    def _shown(self, contacts: Sequence[Contact], *, many: bool = True) -> Any:
        """Contacts as documents: their tags and the known custom fields come with two queries at most."""
        wanted = requested_fields(self.request) if self.request.method == "GET" else None
        context = self.get_serializer_context() | {"tags": {}, "custom_keys": (), "engagement": {}}
        if wanted is None or "tags" in wanted:
            context["tags"] = tags_of([contact.pk for contact in contacts])
        if wanted is None or "custom_fields" in wanted:
            context["custom_keys"] = {each.key for each in custom_field_definitions()}
        if wanted is None or set(ENGAGEMENT) & set(wanted):
            context["engagement"] = engagement_of(contact.pk for contact in contacts)
        rows: Any = contacts if many else contacts[0]
        return ContactSerializer(rows, many=many, context=context).data

    def list(self, request: Request) -> Response:
        self.check_fields(ContactSerializer)
        contacts = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._shown(contacts or []))

    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self._shown([self.get_object()], many=False))

    @extend_schema(request=ContactWriteSerializer, responses={201: ContactSerializer})
    def create(self, request: Request) -> Response:
        checked = self.checked(ContactWriteSerializer)
        contact = tagged_contact_create(
            values=contact_values(checked),
            actor=api_actor(request),
            notes=checked.get("notes", ""),
        )
        location = {"Location": f"{request.path.rstrip('/')}/{contact.pk}/"}
        return Response(self._shown([contact], many=False), status=201, headers=location)

    @extend_schema(
        request=ContactWriteSerializer,
        responses=ContactSerializer,
        description="What is left out stays; `tags`, where given, are all that the contact has afterwards.",
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        checked = self.checked(ContactWriteSerializer)
        contact = tagged_contact_update(
            contact=self.get_object(),
            values=contact_values(checked),
            actor=api_actor(request),
            notes=checked.get("notes", ""),
        )
        return Response(self._shown([contact], many=False))

    @extend_schema(description="Soft: undo the operation to have the contact back.")
    def destroy(self, request: Request, pk: int) -> Response:
        contact = self.get_object()
        if contact.pk != pk:
            raise Http404
        contacts_delete(ids=[contact.pk], actor=api_actor(request))
        return Response(status=204)

    @extend_schema(
        request=BulkUpsertSerializer,
        responses=BulkUpsertResultSerializer,
        description="Create and update up to 10,000 contacts, found by e-mail or external id. "
        "Each row has its own outcome: a bad row fails by itself. `tags` are added.",
    )
    @action(detail=False, methods=["post"], url_path="bulk-upsert")
    def bulk_upsert(self, request: Request) -> Response:
        checked = self.checked(BulkUpsertSerializer)
        operation, results = tagged_contacts_upsert(
            rows=[row_values(row) for row in checked["contacts"]],
            match=checked["match"],
            mode=checked["mode"],
            actor=api_actor(request),
        )
        counts: dict[str, int] = {}
        for result in results:
            counts[result.outcome] = counts.get(result.outcome, 0) + 1
        document = {"operation": operation and operation.pk, "counts": counts, "results": results}
        return Response(BulkUpsertResultSerializer(document).data)

    @extend_schema(
        request=BulkEditSerializer,
        responses={202: OperationSerializer},
        description="Change or delete many contacts in the background, as one operation that can be undone.",
    )
    @action(detail=False, methods=["post"], url_path="bulk-edit")
    def bulk_edit(self, request: Request) -> Response:
        edit: BulkEdit = bulk_edit_read(self.checked(BulkEditSerializer))
        operation = bulk_edit_start(
            selection=edit.selection,
            patch=edit.patch,
            actor=api_actor(request),
            label=edit.label,
            notes=edit.notes,
            kind=edit.kind,
        )
        return operation_accepted(request, operation)

    @extend_schema(responses=HistorySerializer(many=True), parameters=[FIELDS], filters=False)
    @action(detail=True, methods=["get"], orders=NEWEST)
    def history(self, request: Request, pk: int) -> Response:
        contact = self.get_object()
        self.check_fields(HistorySerializer)
        changes = ContactHistory.objects.filter(contact_id=contact.pk).select_related("operation")
        found = self.paginate_queryset(changes) or []
        places = places_of(contact_id=contact.pk, changes=found)
        context = self.get_serializer_context() | {"places": places}
        shown = HistorySerializer(found, many=True, context=context)
        return self.get_paginated_response(shown.data)

    @extend_schema(responses=AssignedTagSerializer(many=True), parameters=[FIELDS], filters=False)
    @action(
        detail=True,
        methods=["get"],
        url_path="tags",
        url_name="tags",
        orders={"name": Order("name_key"), "id": Order("id")},
        default_ordering="name",
    )
    def list_tags(self, request: Request, pk: int) -> Response:
        return self.page(self._tags(self.get_object()), AssignedTagSerializer)

    @extend_schema(
        request=TagNamesSerializer,
        responses=ContactSerializer,
        description="Put tags on the contact; unknown ones are made.",
    )
    @list_tags.mapping.post
    def assign_tags(self, request: Request, pk: int) -> Response:
        contact, names = self.get_object(), self.checked(TagNamesSerializer)["tags"]
        if errors := tag_name_errors(names):
            raise ValidationError(errors)
        tags = list(tags_ensure(names=names).values())
        tags_assign(ids=[contact.pk], tags=tags, actor=api_actor(request))
        return Response(self._shown([contact], many=False))

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "tag", str, description="Names, separated by commas; or send {“tags”: […]}."
            )
        ],
        responses=ContactSerializer,
        description="Take tags off the contact.",
    )
    @list_tags.mapping.delete
    def remove_tags(self, request: Request, pk: int) -> Response:
        contact = self.get_object()
        tags = tags_named(names=self._tag_names(request))
        tags_remove(ids=[contact.pk], tags=tags, actor=api_actor(request))
        return Response(self._shown([contact], many=False))

    def _tag_names(self, request: Request) -> Sequence[str]:
        if "tag" in request.query_params:
            return [name.strip() for name in request.query_params["tag"].split(",") if name.strip()]
        return self.checked(TagNamesSerializer)["tags"]

    def _tags(self, contact: Contact) -> Any:
        tags = Tag.objects.filter(assignments__contact_id=contact.pk)
        return tags.annotate(
            assigned_at=F("assignments__assigned_at"), assigned_through=F("assignments__source")
        )
