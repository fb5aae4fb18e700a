"""The list of contacts: found, filtered, ordered, selected and changed in bulk."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from contacts.actors import Actor, actor_of
from contacts.attributes import ATTRIBUTE_LABELS
from contacts.cleaning.errors import CleaningError
from contacts.engagement import Level
from contacts.forms import BulkForm
from contacts.models import (
    ContactOperation,
    OperationKind,
)
from contacts.patches import Patch, patch_maker
from contacts.selectors.contact_columns import CUSTOM, Column, columns_named, contact_columns
from contacts.selectors.contact_list import contact_list
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.engagement import engagement_of
from contacts.selectors.filter_words import FILTER_LABELS
from contacts.selectors.saved_views import may_change_view, saved_views_seen
from contacts.services.bulk import bulk_edit_start, selection_by_filters
from contacts.services.contacts import contacts_delete, contacts_patch
from contacts.views.asked import SORT_LABELS, Request, base_of, view_asked
from contacts.views.rows import contact_rows
from organizations.models import User
from organizations.roles import EDIT, READ, Role
from organizations.screens import may, render_part, render_screen, role_required
from segments.builder.from_filters import can_be_rules
from segments.models import Segment, SegmentKind
from segments.services.pins import pin_label, pin_patch
from segments.services.segments import segment_create
from tags.models import Tag
from tags.names import clean_tag_names, tag_key
from tags.selectors.tagged import tags_of
from tags.services.tags import tag_patch, tags_ensure

AT_ONCE = 500
TEXT_FILTERS = ("city", "country", "language", "company_name", "source")
OFFERED = {
    "q",
    "tag",
    "is_subscribed",
    "is_active",
    "kind",
    "engagement",
    "created_in_last",
    *TEXT_FILTERS,
}


@require_safe
@role_required(READ)
def contacts_list(request: Any) -> HttpResponse:
    definitions = custom_field_definitions()
    columns = contact_columns(definitions)
    views = list(saved_views_seen(user=request.user))
    asked = Request.of(request.GET)
    try:
        asked = Request.of(request.GET, view_asked(request.GET, views))
        context = _results(asked, columns, may_edit=may(request, EDIT))
    except ValidationError as error:
        context = {"asked": asked, "error": " ".join(error.messages), "rows": []}
    context |= _tools(request, asked, columns)
    if request.htmx and not request.htmx.history_restore_request:
        part = context | {"is_part": True}
        return render_part(request, "contacts/list.html#results", part)
    context |= _choices(asked) | {"views": views}
    return render_screen(request, "contacts/list.html", context, title="Contacts")


def _results(asked: Request, known: Mapping[str, Column], *, may_edit: bool) -> dict[str, Any]:
    columns = columns_named(asked.columns, known)
    found = asked.narrowed(contact_list(filters=asked.filters).defer(*_unread(columns)))
    page = found.page
    ids = [contact.pk for contact in page.rows]
    tags = tags_of(ids) if "tags" in asked.columns else {}
    engagement = engagement_of(ids) if any(each.is_engagement for each in columns) else {}
    return {
        "asked": asked,
        "rows": contact_rows(
            page.rows, tags=tags, engagement=engagement, columns=columns, may_edit=may_edit
        ),
        "columns": [
            (column, asked.head(column.name) if column.name in SORT_LABELS else None)
            for column in columns
        ],
        "count": found.count,
        "is_capped": found.is_capped,
        "chips": asked.chips(),
        "without_filters": asked.link({}),
        "heads": [asked.head("name"), asked.head("email")],
        "next": page.next and asked.link(cursor=page.next),
        "previous": page.previous and asked.link(cursor=page.previous),
        "bulk": f"{reverse('contacts:bulk')}?{urlencode(asked.filters)}",
        "is_filtered": bool(asked.filters),
    }


def _unread(columns: Iterable[Column]) -> list[str]:
    is_custom = any(map(_is_custom, columns))
    return ["search_vector"] if is_custom else ["search_vector", "custom_fields"]


def _tools(request: Any, asked: Request, known: Mapping[str, Column]) -> dict[str, Any]:
    """What follows every change of the list: choosing columns, saving and exporting what is shown."""
    view = asked.view
    role = Role(request.role)
    shown = columns_named(asked.columns, known)
    rest = [column for column in known.values() if column not in shown]
    return {
        "shown_columns": [
            (column, _swapped(asked, shown, at - 1), _swapped(asked, shown, at))
            for at, column in enumerate(shown)
        ],
        "other_columns": rest,
        "are_columns_open": "open" in request.GET,
        "parameters": {n: v for n, v in asked.parameters().items() if n != "columns"},
        "export": _export(asked),
        "as_segment": _as_segment(asked),
        "segments": Segment.objects.order_by("name_key").only("name", "kind")[:MOST_SEGMENTS],
        "fields": [*_bulk_fields(), *((c.name, c.label) for c in known.values() if _is_custom(c))],
        "may_change_view": view and may_change_view(view=view, user=request.user, role=role),
    }


def _as_segment(asked: Request) -> str:
    """The address of the builder that begins with these filters; "" where rules can't say what they do."""
    if not can_be_rules(asked.filters):
        return ""
    return f"{reverse('segments:new')}?{urlencode(asked.filters, safe=',:')}"


def _bulk_fields() -> list[tuple[str, str]]:
    return [each for each in ATTRIBUTE_LABELS.items() if each[0] not in UNFIT_FOR_BULK]


def _is_custom(column: Column) -> bool:
    return column.name.startswith(CUSTOM)


def _export(asked: Request) -> str:
    """The address that exports what is shown; it says every filter itself."""
    said = asked.filters | {"columns": ",".join(asked.columns)}
    return f"{reverse('exports:new')}?{urlencode(said, safe=',:')}"


def _swapped(asked: Request, columns: list[Column], at: int) -> str:
    """The address of the list with the columns `at` and behind it in each other's place; "" at the ends."""
    if not 0 <= at < len(columns) - 1:
        return ""
    names = [column.name for column in columns]
    names[at], names[at + 1] = names[at + 1], names[at]
    return asked.link(columns=tuple(names), open="columns") + "#choose-columns"


def _choices(asked: Request) -> dict[str, Any]:
    """What the panels of filters offer."""
    kept = {name: value for name, value in asked.parameters().items() if name not in OFFERED}
    return {
        "tag_names": Tag.objects.order_by("name_key").values_list("name", flat=True)[:200],
        "text_filters": [
            (name, FILTER_LABELS[name], asked.filters.get(name, "")) for name in TEXT_FILTERS
        ],
        "kept": kept,
        "levels": list(Level),
        # Blank filters stay out of the address, but for these: there a blank says something.
        "kept_blank": ["columns", *base_of(asked.view).filters],
    }


UNFIT_FOR_BULK = {"email", "external_id", "is_subscribed", "phone"}
MOST_SEGMENTS = 200


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
    patch, label = _patch(values, actor.user)
    notes = values["notes"].strip()
    if not values["everybody"] and len(values["ids"]) <= AT_ONCE:
        if values["action"] == "delete":
            return contacts_delete(ids=values["ids"], actor=actor, notes=notes)
        done = contacts_patch(ids=values["ids"], patch=patch, actor=actor, label=label, notes=notes)
        if done.pk is None and values["action"] == "segment" and values["segment_name"].strip():
            raise ValidationError("None of them is there any more: no list was made.")
        return done
    is_all = values["everybody"]
    selection = selection_by_filters(filters) if is_all else {"ids": values["ids"]}
    kind = OperationKind.DELETE if values["action"] == "delete" else OperationKind.BULK_EDIT
    return bulk_edit_start(
        selection=selection, patch=patch, actor=actor, label=label, notes=notes, kind=kind
    )


def _patch(values: dict[str, Any], user: User | None) -> tuple[Patch, str]:
    match values["action"]:
        case "segment" | "unsegment":
            segment, is_in = _segment(values, user), values["action"] == "segment"
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
    if name and values["action"] == "segment":
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
