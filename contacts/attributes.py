"""The attributes of a contact that people and programs write, and how each is cleaned."""

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from contacts.cleaning.booleans import clean_boolean
from contacts.cleaning.emails import clean_email
from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.phones import clean_phone
from contacts.cleaning.texts import clean_text, trim
from contacts.models.contact import Contact, ContactKind

Patch = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of `contacts` with its label and what turns text into its value."""

    name: str
    label: str
    clean: Callable[[Any], Any]
    is_nullable: bool = True


def _length(name: str) -> int:
    return int(getattr(Contact._meta.get_field(name), "max_length", None) or 0)


def _text(name: str, label: str) -> Attribute:
    return Attribute(name, label, partial(clean_text, max_length=_length(name)))


def _kind(value: str) -> str:
    kind = value.strip().lower()
    if kind not in ContactKind.values:
        raise CleaningError("unknown_choice", f"{shown(value)} is neither person nor company.")
    return kind


@cache
def _timezones() -> dict[str, str]:
    return {name.lower(): name for name in zoneinfo.available_timezones()}


def _timezone(value: str) -> str:
    name = _timezones().get(trim(value).lower())
    if name is None:
        raise CleaningError(
            "unknown_timezone",
            f"{shown(value)} is not the name of a timezone, such as Europe/Oslo.",
        )
    return name


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else clean_boolean(value)


def attributes(region: str | None = None) -> dict[str, Attribute]:
    """Every attribute by name; `region` is the country of phone numbers that name none."""
    listed = [
        Attribute("kind", "Kind", _kind, is_nullable=False),
        Attribute("email", "E-mail", clean_email),
        _text("external_id", "External ID"),
        Attribute("phone", "Phone", partial(clean_phone, region=region or None)),
        _text("first_name", "First name"),
        _text("last_name", "Last name"),
        _text("company_name", "Company"),
        _text("job_title", "Job title"),
        _text("city", "City"),
        _text("country", "Country"),
        _text("language", "Language"),
        Attribute("timezone", "Timezone", _timezone),
        _text("source", "Source"),
        Attribute("is_active", "Active", _boolean, is_nullable=False),
        Attribute("is_subscribed", "Subscribed", _boolean, is_nullable=False),
    ]
    return {attribute.name: attribute for attribute in listed}


ATTRIBUTE_LABELS = {name: attribute.label for name, attribute in attributes().items()}


def attribute_patch(attribute: Attribute, value: Any) -> Patch:
    """The keys that a value gives to a patch; None and blank unset. Raises CleaningError."""
    if value is None or (isinstance(value, str) and not trim(value)):
        return _unset(attribute)
    if not isinstance(value, str | bool):
        raise CleaningError("wrong_type", f"{shown(value)} is not text.")
    if isinstance(value, bool) and attribute.clean is not _boolean:
        raise CleaningError("wrong_type", f"{shown(value)} is not text.")
    cleaned = attribute.clean(value)
    if attribute.name == "email":
        return {"email": cleaned.spelling, "email_key": cleaned.key}
    return {attribute.name: cleaned}


def _unset(attribute: Attribute) -> Patch:
    if not attribute.is_nullable:
        raise CleaningError("required", f"{attribute.label} can't be empty.")
    return (
        {"email": None, "email_key": None} if attribute.name == "email" else {attribute.name: None}
    )
