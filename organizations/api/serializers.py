"""Bases of the API's serializers. They check shape and show rows; services write."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

FIELDS = OpenApiParameter("fields", str, description="Only these fields, separated by commas.")


def requested_fields(request: Any) -> list[str] | None:
    """The names in `?fields=a,b`, or None."""
    text = request.query_params.get("fields") if request is not None else None
    return [name.strip() for name in text.split(",") if name.strip()] if text else None


class SparseFields(serializers.Serializer):
    """Shows only what `?fields=` names, where the view passes those names on as `sparse_fields`."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        wanted = self.context.get("sparse_fields")
        if wanted is None or (self.parent is not None and self.parent.parent is not None):
            return fields
        for name in wanted:
            if name not in fields:
                known = ", ".join(fields)
                message = f"“{name[:80]}” is no field of this; there are {known}."
                raise ValidationError({"fields": ValidationError(message, code="unknown_field")})
        return {name: field for name, field in fields.items() if name in wanted}


class StrictSerializer(serializers.Serializer):
    """Refuses names that it doesn't know: a misspelt field is not to be lost in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = [name for name, field in self.fields.items() if not field.read_only]
            # (JSON can name half a surrogate pair, which no answer can hold.)
            unknown = [_writable(name) for name in data if name not in known]
            if unknown:
                raise serializers.ValidationError(
                    {name: [self._unknown(name, known)] for name in unknown[:20]}
                )
        return super().to_internal_value(data)

    def _unknown(self, name: str, known: list[str]) -> serializers.ErrorDetail:
        message = f"There is no field {str(name)[:80]} here; there are {', '.join(known)}."
        return serializers.ErrorDetail(message, code="unknown_field")


def _writable(name: object) -> str:
    return str(name).encode(errors="replace").decode()
