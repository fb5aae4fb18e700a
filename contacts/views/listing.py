"""The list of contacts: found, filtered and ordered."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from contacts.engagement import Level
from contacts.selectors.contact_columns import CUSTOM, Column, columns_named, contact_columns
from contacts.selectors.contact_list import contact_list
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.engagement import engagement_of
from contacts.selectors.filter_words import FILTER_LABELS
from contacts.selectors.saved_views import may_change_view, saved_views_seen
from contacts.views.asked import SORT_LABELS, Request, base_of, view_asked
from contacts.views.bulk import bulk_attributes
from contacts.views.rows import contact_rows
from organizations.roles import EDIT, READ, Role
from organizations.screens import may, render_part, render_screen, role_required
from segments.builder.from_filters import can_be_rules
from segments.models import Segment
from tags.models import Tag
from tags.selectors.tagged import tags_of

MOST_SEGMENTS = 200
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
        "fields": [
            *bulk_attributes(),
            *((c.name, c.label) for c in known.values() if _is_custom(c)),
        ],
        "may_change_view": view and may_change_view(view=view, user=request.user, role=role),
    }


def _as_segment(asked: Request) -> str:
    """The address of the builder that begins with these filters; "" where rules can't say what they do."""
    if not can_be_rules(asked.filters):
        return ""
    return f"{reverse('segments:new')}?{urlencode(asked.filters, safe=',:')}"


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
