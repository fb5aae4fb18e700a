"""/api/v1/contacts/{id}/relationships/ and …/identifiers/: whom a contact is related to, and what else finds it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.models import Contact, Identifier, IdentifierKind, Relationship
from contacts.selectors.relations import identifiers_of, related_from, relationships_of
from contacts.services.relations import (
    identifier_add,
    identifier_cleaned,
    identifier_remove,
    relationship_add,
    relationship_remove,
)
from organizations.api.serializers import FIELDS, SparseFields, StrictSerializer
from organizations.keyset import Order

NEWEST = {"id": Order("id")}


class RelationshipSerializer(SparseFields, serializers.Serializer):
    """A relation as the contact of the address sees it. `is_inverse`: the other one is related to it."""

    id = serializers.IntegerField(source="row.pk")
    relationship_type = serializers.CharField(source="row.relationship_type")
    label = serializers.CharField()  # type: ignore[assignment]
    is_inverse = serializers.BooleanField()
    related_contact = serializers.IntegerField(source="contact.pk")
    related_name = serializers.CharField(source="contact.display_name")
    created_at = serializers.DateTimeField(source="row.created_at")
    source = serializers.CharField(source="row.source")  # type: ignore[assignment]


class RelationshipWriteSerializer(StrictSerializer):
    related_contact = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    relationship_type = serializers.CharField(max_length=40, help_text="The key of one.")


class IdentifierSerializer(SparseFields, serializers.ModelSerializer):
    """A further address, number or id by which the contact is found."""

    class Meta:
        model = Identifier
        fields = ["id", "kind", "value", "created_at", "source"]
        read_only_fields = fields


class IdentifierWriteSerializer(StrictSerializer):
    kind = serializers.ChoiceField(IdentifierKind.choices)
    value = serializers.CharField(max_length=1000)


class RelationActions:
    """What a viewset of contacts says of their relations and further keys."""

    @extend_schema(
        operation_id="contacts_relationships",
        responses=RelationshipSerializer(many=True),
        parameters=[FIELDS],
        filters=False,
        description="Both directions: those of the contact, and those of others to it.",
    )
    @action(detail=True, methods=["get"], orders=NEWEST)
    def relationships(self: Any, request: Request, pk: int) -> Response:
        contact = self.get_object()
        self.check_fields(RelationshipSerializer)
        rows = self.paginate_queryset(relationships_of(contact=contact))
        seen = related_from(contact=contact, rows=rows)
        shown = RelationshipSerializer(seen, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="contacts_relationships_add",
        request=RelationshipWriteSerializer,
        responses={201: RelationshipSerializer},
        description="200 when they are so related already.",
    )
    @relationships.mapping.post
    def add_relationship(self: Any, request: Request, pk: int) -> Response:
        contact, checked = self.get_object(), self.checked(RelationshipWriteSerializer)
        related = _related(checked["related_contact"])
        kind = checked["relationship_type"]
        operation = relationship_add(
            contact=contact, related=related, relationship_type=kind, actor=api_actor(request)
        )
        rows = relationships_of(contact=contact).filter(
            contact=contact, related_contact=related, relationship_type=kind
        )
        (seen,) = related_from(contact=contact, rows=rows)
        return Response(RelationshipSerializer(seen).data, status=201 if operation.pk else 200)

    @extend_schema(operation_id="contacts_relationships_remove", responses={204: None})
    @action(
        detail=True,
        methods=["delete"],
        url_path="relationships/<int:relationship>",
        url_name="relationship",
    )
    def remove_relationship(self: Any, request: Request, pk: int, relationship: int) -> Response:
        rows = relationships_of(contact=self.get_object())
        row: Relationship = _found(rows, relationship)
        relationship_remove(
            contact=row.contact,
            related_id=row.related_contact_id,
            relationship_type=row.relationship_type,
            actor=api_actor(request),
        )
        return Response(status=204)

    @extend_schema(
        operation_id="contacts_identifiers",
        responses=IdentifierSerializer(many=True),
        parameters=[FIELDS],
        filters=False,
    )
    @action(detail=True, methods=["get"], orders=NEWEST)
    def identifiers(self: Any, request: Request, pk: int) -> Response:
        return self.page(identifiers_of(contact=self.get_object()), IdentifierSerializer)

    @extend_schema(
        operation_id="contacts_identifiers_add",
        request=IdentifierWriteSerializer,
        responses={201: IdentifierSerializer},
        description="200 when the contact has it already. Addresses and ids are one contact's; telephones may be shared.",
    )
    @identifiers.mapping.post
    def add_identifier(self: Any, request: Request, pk: int) -> Response:
        contact, checked = self.get_object(), self.checked(IdentifierWriteSerializer)
        operation = identifier_add(contact=contact, **checked, actor=api_actor(request))
        _, key = identifier_cleaned(**checked)
        kept = identifiers_of(contact=contact).get(kind=checked["kind"], value_key=key)
        return Response(IdentifierSerializer(kept).data, status=201 if operation.pk else 200)

    @extend_schema(operation_id="contacts_identifiers_remove", responses={204: None})
    @action(
        detail=True,
        methods=["delete"],
        url_path="identifiers/<int:identifier>",
        url_name="identifier",
    )
    def remove_identifier(self: Any, request: Request, pk: int, identifier: int) -> Response:
        contact = self.get_object()
        row: Identifier = _found(identifiers_of(contact=contact), identifier)
        identifier_remove(
            contact=contact, kind=row.kind, value_key=row.value_key, actor=api_actor(request)
        )
        return Response(status=204)


def _related(pk: int) -> Contact:
    related = Contact.objects.filter(pk=pk).first()
    if related is None:
        error = ValidationError(f"Unknown id: {pk}.", code="unknown_id")
        raise ValidationError({"related_contact": error})
    return related


def _found(rows: Any, pk: int) -> Any:
    """The row with a number, however large somebody makes it."""
    row = rows.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row
