"""Patches: flat documents of the values that somebody wants a contact to have.

Keys are attributes, `custom:<key>` and what facets of upper floors add (`tag:<id>`, `segment:<id>`); null unsets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from contacts.attributes import Attribute, attribute_patch, attributes
from contacts.cleaning.custom_fields import Cleaner, Reading, value_cleaner
from contacts.cleaning.errors import CleaningError
from contacts.models import CustomFieldDefinition
from contacts.selectors.definitions import custom_field_definitions
from organizations.models import Organization
from organizations.scope import current_organization_id

Patch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PatchMaker:
    """Turns what a door received into patches; made once for many contacts."""

    attributes: dict[str, Attribute]
    custom: dict[str, Cleaner]

    def make(
        self, values: Mapping[str, Any], custom_fields: Mapping[str, Any] | None = None
    ) -> Patch:
        """The patch of attributes and custom fields. Raises ValidationError with an error for each bad key."""
        errors: dict[str, ValidationError] = {}
        patch: Patch = {}
        for name, value in values.items():
            self._collect(patch, errors, name, lambda n=name, v=value: self._attribute(n, v))
        for key, value in (custom_fields or {}).items():
            path = f"custom_fields.{key}"
            self._collect(patch, errors, path, lambda k=key, v=value: self._custom(k, v))
        if errors:
            raise ValidationError(errors)
        return patch

    def _collect(
        self, patch: Patch, errors: dict[str, ValidationError], path: str, keys: Any
    ) -> None:
        try:
            patch |= keys()
        except CleaningError as error:
            errors[path] = ValidationError(error.message, code=error.code)

    def _attribute(self, name: str, value: Any) -> Patch:
        attribute = self.attributes.get(name)
        if attribute is None:
            raise CleaningError("unknown_field", f"Contacts have no field {name}.")
        return attribute_patch(attribute, value)

    def _custom(self, key: str, value: Any) -> Patch:
        cleaner = self.custom.get(key)
        if cleaner is None:
            known = ", ".join(sorted(self.custom)) or "none yet"
            raise CleaningError(
                "unknown_field", f"There is no custom field {key} (known: {known})."
            )
        return {f"custom:{key}": cleaner(value)}


def patch_maker(definitions: Iterable[CustomFieldDefinition] | None = None) -> PatchMaker:
    """A maker for the organization in scope: its phone region, timezone and custom fields. Two queries at most."""
    organization = Organization.objects.get(pk=current_organization_id())
    reading = Reading(tz=ZoneInfo(organization.timezone))
    known = custom_field_definitions() if definitions is None else definitions
    custom = {each.key: value_cleaner(each.type, each.choices, reading) for each in known}
    return PatchMaker(attributes(organization.country), custom)
