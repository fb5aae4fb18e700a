"""Writing single contacts and small lists of them, at once and in the caller's request."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.actors import Actor
from contacts.models import Contact, ContactOperation, Door, OperationKind
from contacts.services.operations import operation_finish, operation_start
from contacts.services.writing import (
    Match,
    Mode,
    Outcome,
    Patch,
    contacts_write,
    json_batch,
    outcomes,
)

MESSAGES = {
    "email_taken": ("email", "Another contact has this e-mail address"),
    "external_id_taken": ("external_id", "Another contact has this external ID"),
    "email_repeated": ("email", "This e-mail address is in the list twice"),
    "external_id_repeated": ("external_id", "This external ID is in the list twice"),
    "identifier_taken": ("identifier", "Another contact has this further address or id"),
    "identifier_repeated": ("identifier", "This further address or id is in the list twice"),
}


def failure(outcome: Outcome) -> ValidationError:
    """What to tell about a row that could not be written: the field, and whose the key is."""
    error = outcome.error or {}
    if error["code"] == "required":
        fields = (key.replace("custom:", "custom_fields.") for key in error["keys"])
        return ValidationError(
            {name: ValidationError("This field is required.", code="required") for name in fields}
        )
    field, message = MESSAGES[error["code"]]
    owner = f" (contact {error['contact']})" if "contact" in error else ""
    return ValidationError({field: ValidationError(f"{message}{owner}.", code=error["code"])})


def kind_of(actor: Actor) -> OperationKind:
    """What an act on single contacts counts as."""
    return OperationKind.API if actor.door == Door.API else OperationKind.MANUAL


@transaction.atomic
def contact_create(*, patch: Patch, actor: Actor, notes: str = "") -> Contact:
    """Make a contact. Raises ValidationError when its e-mail or external ID is somebody else's."""
    _require_something(patch)
    row = (None, None, patch)
    _, outcome = _write_one(
        row, match="email", mode="create", actor=actor, label="Created", notes=notes
    )
    return Contact.objects.get(pk=outcome.contact_id)


@transaction.atomic
def contact_update(
    *,
    contact: Contact,
    patch: Patch,
    actor: Actor,
    notes: str = "",
    proof: Mapping[str, Any] | None = None,
) -> Contact:
    """As contact_change, but returns the contact as it is then."""
    contact_change(contact=contact, patch=patch, actor=actor, notes=notes, proof=proof)
    return Contact.objects.get(pk=contact.pk)


@transaction.atomic
def contact_change(
    *,
    contact: Contact,
    patch: Patch,
    actor: Actor,
    label: str = "",
    notes: str = "",
    proof: Mapping[str, Any] | None = None,
) -> ContactOperation:
    """Give a contact new values; what is as wanted already leaves no trace. `proof` goes with a change of consent.

    Returns the operation, which has no id when nothing changed. Raises ValidationError when the e-mail or external ID
    is somebody else's, Contact.DoesNotExist when the contact was deleted meanwhile.
    """
    row = (contact.pk, None, patch)
    label = label or f"Edited {contact.display_name}"
    operation, outcome = _write_one(
        row, match="id", mode="update", actor=actor, label=label, notes=notes, proof=proof
    )
    if outcome.outcome == "skipped":
        raise Contact.DoesNotExist
    return operation


@transaction.atomic
def contacts_delete(*, ids: Sequence[int], actor: Actor, notes: str = "") -> ContactOperation:
    """Delete contacts softly: gone from lists, segments and sums, back by undoing the operation returned.

    Where none of them lived any more nothing is written, and the operation has no id.
    """
    patch = {"deleted_at": timezone.now().isoformat()}
    label = f"Deleted {_people(len(ids))}"
    return _patched(OperationKind.DELETE, ids, patch, actor=actor, label=label, notes=notes)


@transaction.atomic
def contacts_upsert(
    *, rows: Sequence[tuple[str | None, Patch]], match: Match, mode: Mode, actor: Actor
) -> tuple[ContactOperation, list[Outcome]]:
    """Create and update many contacts, found by key. Each row has its outcome; bad rows fail by themselves."""
    operation = operation_start(
        kind=kind_of(actor), actor=actor, label=f"Upserted {_people(len(rows))}"
    )
    batch = [(None, key, patch) for key, patch in rows]
    written = _write(batch, match=match, mode=mode, operation=operation)
    return operation_finish(operation=operation, summary=_counts(written)), written


@transaction.atomic
def contacts_patch(
    *, ids: Sequence[int], patch: Patch, actor: Actor, label: str, notes: str = ""
) -> ContactOperation:
    """Give the same values to some contacts, as one operation; it has no id when they had them all already."""
    return _patched(OperationKind.BULK_EDIT, ids, patch, actor=actor, label=label, notes=notes)


def _patched(
    kind: OperationKind, ids: Sequence[int], patch: Patch, *, actor: Actor, label: str, notes: str
) -> ContactOperation:
    operation = operation_start(kind=kind, actor=actor, label=label)
    rows = [(contact_id, None, patch) for contact_id in ids]
    written = _write(rows, match="id", mode="update", operation=operation, notes=notes)
    operation_finish(operation=operation, summary=_counts(written))
    if not any(outcome.outcome == "updated" for outcome in written):
        operation.delete()
    return operation


def _write_one(
    row: tuple[int | None, str | None, Patch],
    *,
    match: Match,
    mode: Mode,
    actor: Actor,
    label: str,
    notes: str,
    proof: Mapping[str, Any] | None = None,
) -> tuple[ContactOperation, Outcome]:
    operation = operation_start(kind=kind_of(actor), actor=actor, label=label)
    (outcome,) = _write(
        [row], match=match, mode=mode, operation=operation, notes=notes, proof=proof
    )
    if outcome.outcome == "failed":
        raise failure(outcome)
    if outcome.outcome in ("unchanged", "skipped"):
        operation.delete()
    else:
        operation_finish(operation=operation, summary=_counts([outcome]))
    return operation, outcome


def _write(
    rows: Sequence[tuple[int | None, str | None, Patch]],
    *,
    match: Match,
    mode: Mode,
    operation: ContactOperation,
    notes: str = "",
    proof: Mapping[str, Any] | None = None,
) -> list[Outcome]:
    batch = json_batch(rows, match=match, mode=mode)
    return outcomes(contacts_write(operation=operation, batch=batch, notes=notes, proof=proof))


def _require_something(patch: Patch) -> None:
    identifying = ("email", "external_id", "phone", "first_name", "last_name", "company_name")
    if not any(patch.get(name) for name in identifying):
        raise ValidationError(
            "A contact needs an e-mail address, an external ID, a phone number or a name.",
            code="empty",
        )


def _counts(written: Sequence[Outcome]) -> dict[str, Any]:
    return dict(Counter(outcome.outcome for outcome in written))


def _people(count: int) -> str:
    return "1 contact" if count == 1 else f"{count:,} contacts"
