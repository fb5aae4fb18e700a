"""/api/v1/contacts/{id}/preferences/: what a contact said of each kind of mail."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.models import Contact
from contacts.selectors.consent import Consent, consents
from contacts.services.consent import preferences_set
from organizations.api.serializers import StrictSerializer


class PreferenceSerializer(serializers.Serializer):
    """A kind of mail: what holds for the contact, and what they said of it (null: nothing)."""

    type = serializers.CharField(source="type.key")
    label = serializers.CharField(source="type.label")  # type: ignore[assignment]
    is_transactional = serializers.BooleanField(source="type.is_transactional")
    is_enabled = serializers.BooleanField()
    reason = serializers.CharField(source="preference.reason", default=None, allow_null=True)
    proof = serializers.DictField(source="preference.proof", default=None, allow_null=True)
    updated_at = serializers.DateTimeField(
        source="preference.updated_at", default=None, allow_null=True
    )


class ProofSerializer(StrictSerializer):
    """What was shown to whom, where and when."""

    source = serializers.CharField(max_length=500)  # type: ignore[assignment]
    text = serializers.CharField(max_length=5000, required=False)
    text_version = serializers.CharField(max_length=100, required=False)
    ip = serializers.IPAddressField(required=False)
    user_agent = serializers.CharField(max_length=500, required=False)
    given_at = serializers.DateTimeField(required=False)


class PreferencesWriteSerializer(StrictSerializer):
    """Kinds of mail by key: true, false, or null for neither."""

    preferences = serializers.DictField(
        child=serializers.BooleanField(allow_null=True), allow_empty=False
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    proof = ProofSerializer(required=False)


class ConsentActions:
    """What a viewset of contacts says of their consent."""

    @extend_schema(
        operation_id="contacts_preferences",
        responses=PreferenceSerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def preferences(self: Any, request: Request, pk: int) -> Response:
        return Response(_shown(self.get_object()))

    @extend_schema(
        operation_id="contacts_preferences_set",
        request=PreferencesWriteSerializer,
        responses=PreferenceSerializer(many=True),
        description="What is left out stays. Give the reason and what proves consent.",
    )
    @preferences.mapping.patch
    def set_preferences(self: Any, request: Request, pk: int) -> Response:
        checked = self.checked(PreferencesWriteSerializer)
        contact = preferences_set(
            contact=self.get_object(),
            preferences=checked["preferences"],
            reason=checked.get("reason", ""),
            proof=_proof(checked),
            actor=api_actor(request),
        )
        return Response(_shown(contact))


def _shown(contact: Contact) -> Any:
    rows: list[Consent] = consents(contact=contact)
    return PreferenceSerializer(rows, many=True).data


def _proof(checked: dict[str, Any]) -> dict[str, Any] | None:
    """The proof as it is kept: moments as text."""
    proof = checked.get("proof")
    return dict(ProofSerializer(proof).data) if proof else None
