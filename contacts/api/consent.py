"""/api/v1/contacts/{id}/preferences/: what a contact said of each kind of mail, and which it may receive."""

from collections import ChainMap
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.api.actors import api_actor
from contacts.models import Contact
from contacts.selectors.consent import Consent, consents
from contacts.services.consent import pause_change, preferences_change
from contacts.services.contacts import contact_change
from contacts.services.writing import Patch
from organizations.api.serializers import StrictSerializer


class PreferenceSerializer(serializers.Serializer):
    """A kind of mail: what holds for the contact, and what they said of it (null: nothing).

    `may_receive` is the whole answer: deleted, inactive, unsubscribed, paused and suppressed contacts may not.
    """

    type = serializers.CharField(source="type.key")
    label = serializers.CharField(source="type.label")  # type: ignore[assignment]
    is_transactional = serializers.BooleanField(source="type.is_transactional")
    is_enabled = serializers.BooleanField()
    may_receive = serializers.BooleanField()
    reason = serializers.CharField(source="preference.reason", default=None, allow_null=True)
    proof = serializers.DictField(source="preference.proof", default=None, allow_null=True)
    updated_at = serializers.DateTimeField(
        source="preference.updated_at", default=None, allow_null=True
    )
    updated_by = serializers.IntegerField(
        source="preference.updated_by_id", default=None, allow_null=True
    )
    updated_through = serializers.CharField(
        source="change.operation.source", default=None, allow_null=True
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
    """Kinds of mail by key: true, false, or null for neither. `paused_until`: only transactional mail until then."""

    preferences = serializers.DictField(
        child=serializers.BooleanField(allow_null=True), allow_empty=False, required=False
    )
    paused_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Null ends the pause."
    )
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    proof = ProofSerializer(required=False)

    def validate(self, attrs: Any) -> Any:
        if not {"preferences", "paused_until"} & set(attrs):
            raise serializers.ValidationError(
                "Give preferences, paused_until, or both.", "required"
            )
        return attrs


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
        contact, checked = self.get_object(), self.checked(PreferencesWriteSerializer)
        patch, label = _change(checked)
        contact_change(
            contact=contact,
            patch=patch,
            actor=api_actor(request),
            label=label,
            notes=checked.get("reason", ""),
            proof=_proof(checked),
        )
        return Response(_shown(contact))


def _change(checked: dict[str, Any]) -> tuple[Patch, str]:
    """What a body says of kinds of mail and of a pause, as one change. Raises ValidationError."""
    changes = []
    if "preferences" in checked:
        changes.append(preferences_change(checked["preferences"]))
    if "paused_until" in checked:
        changes.append(pause_change(checked["paused_until"]))
    patches, labels = zip(*changes, strict=True)
    return dict(ChainMap(*patches)), "; ".join(labels)


def _shown(contact: Contact) -> Any:
    rows: list[Consent] = consents(contact=contact)
    return PreferenceSerializer(rows, many=True).data


def _proof(checked: dict[str, Any]) -> dict[str, Any] | None:
    """The proof as it is kept: moments as text."""
    proof = checked.get("proof")
    return dict(ProofSerializer(proof).data) if proof else None
