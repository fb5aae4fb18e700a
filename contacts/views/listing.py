"""The list of contacts: found, filtered, ordered, selected and changed in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from contacts.actors import Actor
from contacts.attributes import ATTRIBUTE_LABELS
from contacts.cleaning.errors import CleaningError
from contacts.forms import BulkForm
from contacts.models import ContactOperation, CustomFieldDefinition, Door, OperationKind
from contacts.patches import Patch, patch_maker
from contacts.selectors.contact_list import ORDERS, contact_list, filter_names
from contacts.services.bulk import bulk_edit_start, selection_by_filters
from contacts.services.contacts import contacts_delete, contacts_patch
from organizations.keyset import Page, capped_count, keyset_page
from organizations.narrowing import found_once, take_patiently
from organizations.roles import EDIT, READ
from organizations.screens import render_part, render_screen, role_required
from tags.models import Tag
from tags.names import clean_tag_names, tag_key
from tags.selectors.tagged import tags_of
from tags.services.tags import tag_patch, tags_ensure

PAGE = 50
AT_ONCE = 500
DEFAULT_SORT = "-created_at"
FILTER_LABELS = {
    "q": "Search",
    "tag": "Tag",
    "is_subscribed": "Subscribed",
    "is_active": "Active",
    "kind": "Kind",
    "created_in_last": "Added in the last",
    "email": "E-mail",
    "external_id": "External ID",
    "phone": "Phone",
    "city": "City",
    "country": "Country",
    "language": "Language",
    "company_name": "Company",
    "source": "Source",
    "import": "Import",
    "created_after": "Added after",
    "created_before": "Added before",
    "id": "Number",
}
TEXT_FILTERS = ("city", "country", "language", "company_name", "source")
SAID = {
    "is_subscribed": {"true": "yes", "false": "no"},
    "is_active": {"true": "yes", "false": "no"},
    "created_in_last": {"1d": "day", "7d": "7 days", "30d": "30 days", "90d": "90 days"},
}
HEADS = [("name", "Name"), ("email", "E-mail"), ("created_at", "Added")]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: what it says, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column head that sorts: its address, and how it is sorted now."""

    label: str
    link: str
    direction: str


@dataclass(frozen=True, slots=True)
class Request:
    """What the address of the list says."""

    filters: dict[str, str]
    sort: str
    cursor: str | None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Request":
        known = set(filter_names())
        asked = {name: value.replace("\0", "") for name, value in query.items() if name in known}
        filters = {name: value for name, value in asked.items() if value.strip()}
        sort = query.get("sort", DEFAULT_SORT)
        is_known = sort.removeprefix("-") in ORDERS
        return cls(filters, sort if is_known else DEFAULT_SORT, query.get("cursor") or None)

    def link(self, filters: Mapping[str, str] | None = None, **changes: str | None) -> str:
        """The address of the list with some changes; pages begin anew unless a cursor is given."""
        kept = self.filters if filters is None else filters
        sort = changes.pop("sort", None) or self.sort
        asked = dict(kept) | ({"sort": sort} if sort != DEFAULT_SORT else {})
        asked |= {name: value for name, value in changes.items() if value}
        return reverse("contacts:list") + (f"?{urlencode(asked)}" if asked else "")

    def page(self, contacts: Any, take: Any) -> Page:
        order = ORDERS[self.sort.removeprefix("-")]
        return keyset_page(
            contacts,
            order=order,
            is_descending=self.sort.startswith("-"),
            cursor=self.cursor,
            size=PAGE,
            take=take,
        )

    def chips(self) -> list[Chip]:
        return [self._chip(name, value) for name, value in self.filters.items() if name != "q"]

    def _chip(self, name: str, value: str) -> Chip:
        others = {key: each for key, each in self.filters.items() if key != name}
        said = SAID.get(name, {}).get(value, value)
        return Chip(FILTER_LABELS.get(name, name.capitalize()), said, self.link(others))

    def heads(self) -> dict[str, Head]:
        return {name: self._head(name, label) for name, label in HEADS}

    def _head(self, name: str, label: str) -> Head:
        is_here = self.sort.removeprefix("-") == name
        direction = ("descending" if self.sort.startswith("-") else "ascending") if is_here else ""
        turned = f"-{name}" if direction == "ascending" else name
        return Head(label, self.link(sort=turned), direction)


@require_safe
@role_required(READ)
def contacts_list(request: Any) -> HttpResponse:
    asked = Request.of(request.GET)
    try:
        context = _results(asked)
    except ValidationError as error:
        context = {"asked": asked, "error": " ".join(error.messages), "rows": []}
    if request.htmx and not request.htmx.history_restore_request:
        return render_part(request, "contacts/list.html#results", context)
    return render_screen(request, "contacts/list.html", context | _choices(), title="Contacts")


def _results(asked: Request) -> dict[str, Any]:
    contacts, count, is_capped = _found(asked.filters)
    take = take_patiently if is_capped and asked.filters else list
    page = asked.page(contacts.defer("search_vector", "custom_fields"), take)
    tags = tags_of(contact.pk for contact in page.rows)
    return {
        "asked": asked,
        "rows": [(contact, tags.get(contact.pk, [])) for contact in page.rows],
        "count": count,
        "is_capped": is_capped,
        "chips": asked.chips(),
        "heads": asked.heads(),
        "next": page.next and asked.link(cursor=page.next),
        "previous": page.previous and asked.link(cursor=page.previous),
        "bulk": f"{reverse('contacts:bulk')}?{urlencode(asked.filters)}",
        "is_filtered": bool(asked.filters),
    }


def _found(filters: Mapping[str, str]) -> tuple[Any, int, bool]:
    contacts = contact_list(filters=filters)
    return found_once(contacts) if filters else (contacts, *capped_count(contacts))


def _choices() -> dict[str, Any]:
    """What the panels of filters and bulk actions offer."""
    definitions = CustomFieldDefinition.objects.order_by("label")
    labels = {name: label for name, label in ATTRIBUTE_LABELS.items() if name not in UNFIT_FOR_BULK}
    custom = [(f"custom:{each.key}", each.label) for each in definitions]
    return {
        "tag_names": Tag.objects.order_by("name_key").values_list("name", flat=True)[:200],
        "fields": [*labels.items(), *custom],
        "text_filters": [(name, FILTER_LABELS[name]) for name in TEXT_FILTERS],
    }


UNFIT_FOR_BULK = {"email", "external_id", "is_subscribed", "phone"}


@require_POST
@role_required(EDIT)
def contacts_bulk(request: Any) -> HttpResponse:
    """Change the selected contacts at once, or everybody who matches in the background."""
    asked = Request.of(request.GET)
    form = BulkForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError([text for errors in form.errors.values() for text in errors])
        operation = _bulk(form.cleaned_data, asked.filters, Actor(Door.SCREEN, request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(asked.link())
    if operation.pk is None:
        messages.info(request, "Nothing changed: they were so already.")
        return HttpResponseRedirect(asked.link())
    address = reverse("contacts:operation", args=[operation.pk])
    if operation.status in ContactOperation.LIVE_STATUSES:
        return HttpResponseRedirect(address)
    text = '{}: {}. <a href="{}#undo">Undo</a>'
    messages.success(request, format_html(text, operation.label, _said(operation), address))
    return HttpResponseRedirect(asked.link())


def _said(operation: ContactOperation) -> str:
    updated = operation.summary.get("updated", 0)
    unchanged = operation.summary.get("unchanged", 0)
    return f"{updated:,} changed" + (f", {unchanged:,} were so already" if unchanged else "")


def _bulk(values: dict[str, Any], filters: dict[str, str], actor: Actor) -> ContactOperation:
    patch, label = _patch(values)
    notes = values["notes"].strip()
    if not values["everybody"] and len(values["ids"]) <= AT_ONCE:
        if values["action"] == "delete":
            return contacts_delete(ids=values["ids"], actor=actor, notes=notes)
        return contacts_patch(ids=values["ids"], patch=patch, actor=actor, label=label, notes=notes)
    is_all = values["everybody"]
    selection = selection_by_filters(filters) if is_all else {"ids": values["ids"]}
    kind = OperationKind.DELETE if values["action"] == "delete" else OperationKind.BULK_EDIT
    return bulk_edit_start(
        selection=selection, patch=patch, actor=actor, label=label, notes=notes, kind=kind
    )


def _patch(values: dict[str, Any]) -> tuple[Patch, str]:
    match values["action"]:
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
