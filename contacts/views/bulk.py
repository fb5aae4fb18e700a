"""Changing the contacts that are selected in the list, or everybody who matches."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from contacts.actors import Actor, actor_of
from contacts.attributes import ATTRIBUTE_LABELS
from contacts.cleaning.errors import CleaningError
from contacts.forms import BulkForm
from contacts.models import ContactOperation, OperationKind
from contacts.patches import Patch, patch_maker
from contacts.services.bulk import bulk_edit_start, selection_by_filters
from contacts.services.contacts import contacts_delete, contacts_patch
from contacts.views.asked import Request
from organizations.locks import LockSpace, lock_organization
from organizations.models import User
from organizations.roles import EDIT
from organizations.scope import current_organization_id
from organizations.screens import role_required
from segments.models import Segment, SegmentKind
from segments.services.pins import pin_label, pin_patch
from segments.services.segments import segment_create
from tags.models import Tag
from tags.names import clean_tag_names, tag_key
from tags.services.tags import tag_patch, tags_ensure

# So many are changed while one waits.
AT_ONCE = 500
UNFIT_FOR_BULK = {"email", "external_id", "is_subscribed", "phone"}


def bulk_attributes() -> list[tuple[str, str]]:
    """The attributes that many contacts can be given at once, and their labels."""
    return [each for each in ATTRIBUTE_LABELS.items() if each[0] not in UNFIT_FOR_BULK]


@require_POST
@role_required(EDIT)
def contacts_bulk(request: Any) -> HttpResponse:
    """Change the selected contacts at once, or everybody who matches in the background.

    The address says every filter itself: a view that somebody changes meanwhile does not change who is meant.
    """
    asked = Request.of(request.GET)
    back = _back(request.POST)
    form = BulkForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([text for errors in form.errors.values() for text in errors])
        operation = _bulk(form.cleaned_data, asked.filters, actor_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(back)
    if operation.pk is None:
        messages.info(request, "Nothing changed: they were so already.")
        return HttpResponseRedirect(back)
    address = reverse("contacts:operation", args=[operation.pk])
    if operation.status in ContactOperation.LIVE_STATUSES:
        return HttpResponseRedirect(address)
    text = '{}: {}. <a href="{}#undo">Undo</a>'
    messages.success(request, format_html(text, operation.label, _said(operation), address))
    return HttpResponseRedirect(back)


def _back(posted: Any) -> str:
    """The list as it was shown: its view, order and columns too."""
    query = QueryDict(posted.get("back", "")).urlencode()
    return reverse("contacts:list") + (f"?{query}" if query else "")


def _said(operation: ContactOperation) -> str:
    updated = operation.summary.get("updated", 0)
    unchanged = operation.summary.get("unchanged", 0)
    return f"{updated:,} changed" + (f", {unchanged:,} were so already" if unchanged else "")


@transaction.atomic
def _bulk(values: dict[str, Any], filters: dict[str, str], actor: Actor) -> ContactOperation:
    is_at_once = not values["everybody"] and len(values["ids"]) <= AT_ONCE
    if is_at_once:
        # First: whoever makes a segment need not wait for what may hold the contacts for long.
        lock_organization(LockSpace.CONTACTS, current_organization_id())
    patch, label = _patch(values, actor.user)
    done = (_at_once if is_at_once else _in_background)(values, filters, patch, actor, label)
    is_about_nobody = done.pk is None if is_at_once else not done.progress_total
    if is_about_nobody and values["segment_name"].strip():
        raise ValidationError("None of them is there any more: no list was made.")
    return done


def _at_once(values: Any, filters: Any, patch: Patch, actor: Actor, label: str) -> ContactOperation:
    ids, notes = values["ids"], values["notes"].strip()
    if values["action"] == "delete":
        return contacts_delete(ids=ids, actor=actor, notes=notes)
    return contacts_patch(ids=ids, patch=patch, actor=actor, label=label, notes=notes)


def _in_background(
    values: Any, filters: Any, patch: Patch, actor: Actor, label: str
) -> ContactOperation:
    is_all = values["everybody"]
    return bulk_edit_start(
        selection=selection_by_filters(filters) if is_all else {"ids": values["ids"]},
        patch=patch,
        actor=actor,
        label=label,
        notes=values["notes"].strip(),
        kind=OperationKind.DELETE if values["action"] == "delete" else OperationKind.BULK_EDIT,
    )


# Always in, always out, as the rules say.
PINS = {"segment": True, "unsegment": False, "unpin": None}


def _patch(values: dict[str, Any], user: User | None) -> tuple[Patch, str]:
    match values["action"]:
        case "segment" | "unsegment" | "unpin":
            segment, is_in = _segment(values, user), PINS[values["action"]]
            return pin_patch(segment, is_in), pin_label(segment, is_in)
        case "tag":
            tags = _tags(values["tags"], is_new=True)
            return tag_patch(add=tags), f"Tagged with {_names(tags)}"
        case "untag":
            tags = _tags(values["tags"], is_new=False)
            return tag_patch(remove=tags), f"Took off the tag {_names(tags)}"
        case "subscription":
            is_on = values["subscribed"] == "true"
            verb = "Subscribed" if is_on else "Unsubscribed"
            return {"is_subscribed": is_on}, f"{verb} selected contacts"
        case "field":
            return _field_patch(values["field"], values["value"])
    return {"deleted_at": timezone.now().isoformat()}, "Deleted selected contacts"


def _segment(values: dict[str, Any], user: User | None) -> Segment:
    """The segment that was chosen, or a new list by hand."""
    name = values["segment_name"].strip()
    if name and values["segment"]:
        raise ValidationError("Choose a segment or name a new list, not both.")
    if name and values["action"] != "segment":
        raise ValidationError("Nobody is in a new list yet: choose a segment instead.")
    if name:
        return segment_create(name=name, kind=SegmentKind.STATIC, user=user)
    if found := Segment.objects.filter(pk=values["segment"] or 0).first():
        return found
    raise ValidationError("Choose a segment, or name a new list.")


def _field_patch(field: str, value: str) -> tuple[Patch, str]:
    maker = patch_maker()
    kind, _, key = field.partition(":")
    if kind == "custom":
        patch = maker.make({}, {key: value})
    elif field in ATTRIBUTE_LABELS and field not in UNFIT_FOR_BULK:
        patch = maker.make({field: value})
    else:
        raise ValidationError("Choose a field to set.")
    label = ATTRIBUTE_LABELS.get(field, key)
    return patch, f"Set {label} to “{value[:80]}”" if value.strip() else f"Emptied {label}"


def _tags(text: str, *, is_new: bool) -> list[Tag]:
    try:
        names = clean_tag_names(text)
    except CleaningError as error:
        raise ValidationError(error.message) from error
    if not names:
        raise ValidationError("Name at least one tag.")
    if is_new:
        return list(tags_ensure(names=names).values())
    found = list(Tag.objects.filter(name_key__in=[tag_key(name) for name in names]))
    if not found:
        raise ValidationError(f"There is no tag {', '.join(names)}.")
    return found


def _names(tags: list[Tag]) -> str:
    return ", ".join(tag.name for tag in tags)
