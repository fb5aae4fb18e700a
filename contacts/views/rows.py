"""The rows of the list as HTML.

Written here because the template engine takes half of a page's time for the same 50 rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from contacts.engagement import Level
from contacts.models import Contact
from contacts.selectors.contact_columns import Column
from contacts.selectors.engagement import NONE, Engagement
from organizations.templatetags.kith import breakable, when

TAGS_SHOWN = 4
TEXT_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a contact beside its row."""

    tags: Sequence[Any] = ()
    engagement: Engagement = NONE


Cell = Callable[[Contact, Beside], str]


def contact_rows(
    contacts: Iterable[Contact],
    *,
    tags: Mapping[int, Sequence[Any]],
    engagement: Mapping[int, Engagement],
    columns: Iterable[Column],
    may_edit: bool,
) -> list[tuple[int, SafeString]]:
    """The id and the cells of each contact. No queries."""
    cells = [*([_box] if may_edit else []), _name(), *(_cell(column) for column in columns)]
    rows = []
    for each in contacts:
        beside = Beside(tags.get(each.pk, ()), engagement.get(each.pk, NONE))
        rows.append((each.pk, mark_safe("".join(cell(each, beside) for cell in cells))))
    return rows


def _box(contact: Contact, beside: Beside) -> str:
    return (
        '<td class="k-first"><label class="k-box-target"><input type="checkbox" class="k-box" '
        f'value="{contact.pk}" data-select><span class="k-sr">Select {escape(contact.display_name)}'
        "</span></label></td>"
    )


def _name() -> Cell:
    before, after = reverse("contacts:detail", args=[0]).rsplit("0", 1)

    def cell(contact: Contact, beside: Beside) -> str:
        name = contact.display_name
        has_more = contact.email and contact.email != name
        email = f'<span class="k-cell-sub">{breakable(contact.email)}</span>' if has_more else ""
        address = f"{before}{contact.pk}{after}"
        said = breakable(name) if name == contact.email else escape(name)
        return f'<td><a class="k-cell-main" href="{address}" data-open>{said}</a>{email}</td>'

    return cell


def _cell(column: Column) -> Cell:
    composed = {"status": _status, "place": _place, "engagement_score": _engagement}
    if column.name == "tags":
        return _tags()
    return composed.get(column.name) or partial(_value, column)


def _status(contact: Contact, beside: Beside) -> str:
    said = ("good", "Subscribed") if contact.is_subscribed else ("warn", "Unsubscribed")
    pills = [f'<span class="k-pill k-pill-{said[0]}">{said[1]}</span>']
    pills += [] if contact.is_active else ['<span class="k-pill">Inactive</span>']
    is_company = contact.kind == "company"
    pills += ['<span class="k-pill k-pill-accent">Company</span>'] if is_company else []
    return f"<td>{' '.join(pills)}</td>"


def _place(contact: Contact, beside: Beside) -> str:
    place = ", ".join(part for part in (contact.city, contact.country) if part)
    sub = f'<span class="k-cell-sub">{escape(place)}</span>' if place else ""
    return f"<td>{escape(contact.company_name or '')}{sub}</td>"


def _engagement(contact: Contact, beside: Beside) -> str:
    level, score = beside.engagement.engagement_level, beside.engagement.engagement_score
    said = f'<span class="k-cell-sub">{score:,.1f}</span>' if score else ""
    return f'<td data-label="Engagement" class="k-nowrap">{escape(Level(level).label.capitalize())}{said}</td>'


def _tags() -> Cell:
    address = reverse("contacts:list")

    def cell(contact: Contact, beside: Beside) -> str:
        tags = beside.tags
        if not tags:
            return "<td></td>"
        chips = "".join(_chip(tag, address) for tag in tags[:TAGS_SHOWN])
        left = len(tags) - TAGS_SHOWN
        more = f'<span class="k-muted">+{left}</span>' if left > 0 else ""
        return f'<td><span class="k-chips">{chips}{more}</span></td>'

    return cell


def _chip(tag: Any, address: str) -> str:
    dot = (
        '<svg class="k-dot" viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" '
        f'fill="{escape(tag.color)}"/></svg>'
    )
    link = f'<a href="{address}?tag={quote(tag.name)}"><span>{escape(tag.name)}</span></a>'
    return f'<span class="k-chip k-chip-tag">{dot}{link}</span>'


def _value(column: Column, contact: Contact, beside: Beside) -> str:
    value = column.value(contact, beside.engagement)
    if value is None:
        return "<td></td>"
    label = f'data-label="{escape(column.label)}"'
    match column.kind:
        case "datetime":
            return f'<td {label} class="k-nowrap k-muted">{when(value)}</td>'
        case "number":
            return f'<td {label} class="k-nowrap">{escape(value)}</td>'
        case "url":
            link = f'<a class="k-link" href="{escape(value)}" rel="noopener noreferrer nofollow" target="_blank">'
            return f"<td {label}>{link}{escape(value)}</a></td>"
    return f"<td {label}>{escape(_said(column.kind, value))}</td>"


def _said(kind: str, value: Any) -> str:
    if kind == "boolean":
        return "Yes" if value else "No"
    text = ", ".join(value) if kind == "multi_choice" else str(value)
    return text if len(text) <= TEXT_SHOWN else text[: TEXT_SHOWN - 1] + "…"
