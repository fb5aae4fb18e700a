"""Putting contacts into segments, and keeping them out, by hand: a part of contacts' patches, so that it is in their
history and can be undone.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.actors import Actor
from contacts.models import ContactOperation
from contacts.services.bulk import BATCH, bulk_edit_start, selected, selection_by_filters
from contacts.services.contacts import contacts_patch
from contacts.services.writing import Patch
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id
from segments.models import Segment, SegmentKind
from segments.services.segments import segment_create


@transaction.atomic
def contacts_pin(
    *, segment: Segment, selection: Mapping[str, Any], is_in: bool | None, actor: Actor
) -> ContactOperation:
    """Have the contacts of a selection always in a segment or always out of it, whatever its rules say; None leaves it
    to the rules again. A selection is {"ids": […]} or what `selection_by_filters` made. Who is in follows a moment
    later.

    Returns the operation, which has no id where nothing changed. More than a batch that filters find is changed in the
    background.
    """
    patch, label = pin_patch(segment, is_in), pin_label(segment, is_in)
    ids = selection.get("ids")
    if ids is None:
        ids = list(selected(selection).values_list("pk", flat=True)[: BATCH + 1])
        if len(ids) > BATCH:
            return bulk_edit_start(selection=selection, patch=patch, actor=actor, label=label)
    return contacts_patch(ids=ids, patch=patch, actor=actor, label=label)


@transaction.atomic
def members_keep(*, segment: Segment, name: str, actor: Actor) -> tuple[Segment, ContactOperation]:
    """Keep those who are in a segment now as a list by hand; returns the list, and the operation that puts them in.

    Raises ValidationError for a taken name, and where nobody is in. Locks the organization's contacts and segments.
    """
    # First: whoever makes a segment need not wait for what may hold the contacts for long.
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    made = segment_create(name=name, kind=SegmentKind.STATIC, user=actor.user)
    members = selection_by_filters({"segment": str(segment.pk)})
    operation = contacts_pin(segment=made, selection=members, is_in=True, actor=actor)
    if operation.pk is None:
        raise ValidationError("Nobody is in it now: no list was made.")
    return made, operation


def pin_patch(segment: Segment, is_in: bool | None) -> Patch:
    """The part of a contact's patch that pins it. What is kept by hand knows no "out": there, that is not being pinned."""
    is_list = segment.kind == SegmentKind.STATIC
    return {f"segment:{segment.pk}": (is_in or None) if is_list else is_in}


def pin_label(segment: Segment, is_in: bool | None) -> str:
    """What such an operation is called."""
    if segment.kind == SegmentKind.STATIC:
        return f"Put into {segment}" if is_in else f"Took out of {segment}"
    if is_in is None:
        return f"Left {segment} to its rules"
    return f"Always {'in' if is_in else 'out of'} {segment}"
