"""Contacts as programs and forms send them: attributes, custom fields and the names of tags, written as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.actors import Actor
from contacts.models import Contact, ContactOperation
from contacts.patches import PatchMaker, patch_maker
from contacts.services.contacts import contact_create, contact_update, contacts_upsert, failure
from contacts.services.writing import Match, Mode, Outcome, Patch
from tags.models import Tag
from tags.names import tag_key, tag_name_errors
from tags.selectors.tagged import tags_of
from tags.services.tags import tag_patch, tags_ensure


@dataclass(frozen=True, slots=True)
class ContactValues:
    """What somebody wants a contact to have, as it came in; None for `tags` leaves them alone."""

    attributes: Mapping[str, Any]
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one row of many: an outcome of contacts' write statement, or `failed` with its errors."""

    index: int
    contact_id: int | None
    outcome: str
    error: ValidationError | None = None


@transaction.atomic
def tagged_contact_create(*, values: ContactValues, actor: Actor, notes: str = "") -> Contact:
    """Make a contact with its tags, which are made where missing. Raises ValidationError by path."""
    patch = _patch(patch_maker(), values)
    patch |= tag_patch(add=tags_ensure(names=values.tags or ()).values())
    return contact_create(patch=patch, actor=actor, notes=notes)


@transaction.atomic
def tagged_contact_update(
    *, contact: Contact, values: ContactValues, actor: Actor, notes: str = ""
) -> Contact:
    """Give a contact new values; `tags`, where given, are all that it has afterwards.

    Raises ValidationError by path, Contact.DoesNotExist when it was deleted meanwhile.
    """
    patch = _patch(patch_maker(), values)
    if values.tags is not None:
        wanted = tags_ensure(names=values.tags)
        has = tags_of([contact.pk]).get(contact.pk, [])
        surplus = [tag for tag in has if tag.name_key not in wanted]
        patch |= tag_patch(add=wanted.values(), remove=surplus)
    return contact_update(contact=contact, patch=patch, actor=actor, notes=notes)


@transaction.atomic
def tagged_contacts_upsert(
    *, rows: Sequence[ContactValues | ValidationError], match: Match, mode: Mode, actor: Actor
) -> tuple[ContactOperation | None, list[RowResult]]:
    """Create and update many contacts, found by `match`; their tags are added. Rows that are wrong fail alone.

    A row that is a ValidationError is one that its door refused. The number of queries doesn't depend on that of
    rows. No operation when no row could be written.
    """
    maker = patch_maker()
    checked = {index: _checked(maker, row, match) for index, row in enumerate(rows)}
    good = {
        index: patch for index, patch in checked.items() if not isinstance(patch, ValidationError)
    }
    results = {
        index: RowResult(index, None, "failed", error)
        for index, error in checked.items()
        if isinstance(error, ValidationError)
    }
    operation = None
    if good:
        patches = _with_tags(good, rows)
        operation, written = contacts_upsert(
            rows=[(patch[_key_name(match)], patch) for patch in patches],
            match=match,
            mode=mode,
            actor=actor,
        )
        results |= {index: _result(index, each) for index, each in zip(good, written, strict=True)}
    return operation, [results[index] for index in range(len(rows))]


def _key_name(match: str) -> str:
    return "email_key" if match == "email" else match


def _checked(
    maker: PatchMaker, row: ContactValues | ValidationError, match: str
) -> Patch | ValidationError:
    if isinstance(row, ValidationError):
        return row
    try:
        patch = _patch(maker, row)
    except ValidationError as error:
        return error
    if patch.get(_key_name(match)):
        return patch
    label = "an e-mail address" if match == "email" else "an external ID"
    message = f"Contacts are matched by {match}, so every row needs {label}."
    return ValidationError({match: ValidationError(message, code="key_missing")})


def _with_tags(
    good: Mapping[int, Patch], rows: Sequence[ContactValues | ValidationError]
) -> list[Patch]:
    names = {index: getattr(rows[index], "tags", None) or () for index in good}
    tags = tags_ensure(names=[name for each in names.values() for name in each])
    return [patch | tag_patch(add=_named(tags, names[index])) for index, patch in good.items()]


def _named(tags: Mapping[str, Tag], names: Iterable[str]) -> list[Tag]:
    return [tags[tag_key(name)] for name in names]


def _result(index: int, written: Outcome) -> RowResult:
    error = failure(written) if written.outcome == "failed" else None
    if written.outcome == "duplicate":
        message = "An earlier row of this list is about the same contact; that one counts."
        error = ValidationError(message, code="duplicate")
    return RowResult(index, written.contact_id, written.outcome, error)


def _patch(maker: PatchMaker, values: ContactValues) -> Patch:
    """The patch of everything but the tags, whose names are checked too. Raises ValidationError by path."""
    errors: dict[str, Any] = dict(tag_name_errors(values.tags or ()))
    try:
        patch = maker.make(values.attributes, values.custom_fields)
    except ValidationError as error:
        errors |= error.error_dict
    if errors:
        raise ValidationError(errors)
    return patch
