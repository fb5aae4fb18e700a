"""What the address of the list of contacts says: a saved view or none, and what differs from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse

from contacts.models import SavedView
from contacts.querysets import ContactQuerySet
from contacts.selectors.contact_columns import DEFAULT_COLUMNS
from contacts.selectors.contact_list import ORDERS, contact_split, filter_names
from contacts.selectors.filter_words import filter_label, filter_said
from organizations.keyset import capped_count, keyset_page
from organizations.narrowing import Narrowed, narrowed_page

PAGE = 50
DEFAULT_SORT = "-created_at"
SORT_LABELS = {
    "name": "Name",
    "email": "E-mail",
    "created_at": "Added",
    "engagement_score": "Engagement",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: what it says, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column head that sorts: its address, and how it is sorted now."""

    name: str
    label: str
    link: str
    direction: str


class Base(NamedTuple):
    """What is shown when the address says nothing more."""

    filters: dict[str, str]
    sort: str
    columns: tuple[str, ...]


def base_of(view: SavedView | None) -> Base:
    if view is None:
        return Base({}, DEFAULT_SORT, DEFAULT_COLUMNS)
    return Base(view.filters, _known_sort(view.sort, DEFAULT_SORT), tuple(view.columns))


def _known_sort(sort: str, otherwise: str) -> str:
    return sort if sort.removeprefix("-") in ORDERS else otherwise


def view_asked(query: Mapping[str, str], views: Iterable[SavedView]) -> SavedView | None:
    """The saved view that an address names. Raises ValidationError for one that is not among `views`."""
    number = query.get("view", "")
    found = next((view for view in views if str(view.pk) == number), None)
    if number and found is None:
        raise ValidationError("There is no such view, or it is not shared with you.")
    return found


@dataclass(frozen=True, slots=True)
class Request:
    """What the address of the list says."""

    filters: dict[str, str]
    sort: str
    columns: tuple[str, ...]
    cursor: str | None
    view: SavedView | None

    @classmethod
    def of(cls, query: QueryDict, view: SavedView | None = None) -> "Request":
        """A filter that is there but blank takes the one of the view off."""
        base, known = base_of(view), set(filter_names())
        said = {
            name: str(value).replace("\0", "") for name, value in query.items() if name in known
        }
        filters = {name: value for name, value in (base.filters | said).items() if value.strip()}
        named = [name for part in query.getlist("columns") for name in part.split(",") if name]
        return cls(
            filters=filters,
            sort=_known_sort(query.get("sort", ""), base.sort),
            columns=tuple(dict.fromkeys(named)) if "columns" in query else base.columns,
            cursor=query.get("cursor") or None,
            view=view,
        )

    @property
    def is_changed(self) -> bool:
        """Whether a saved view is shown otherwise than it was saved."""
        shown = (self.filters, self.sort, self.columns)
        return self.view is not None and shown != base_of(self.view)

    @property
    def query(self) -> str:
        return urlencode(self.parameters(), safe=",:")

    def parameters(
        self,
        filters: Mapping[str, str] | None = None,
        columns: tuple[str, ...] | None = None,
        **changes: str | None,
    ) -> dict[str, str]:
        """What the address has to say, with some changes: the view, and what differs from it."""
        kept = self.filters if filters is None else filters
        shown = self.columns if columns is None else columns
        base, sort = base_of(self.view), changes.pop("sort", None) or self.sort
        asked = {"view": str(self.view.pk)} if self.view else {}
        asked |= {name: value for name, value in kept.items() if base.filters.get(name) != value}
        asked |= {name: "" for name in base.filters if name not in kept}
        asked |= {"sort": sort} if sort != base.sort else {}
        asked |= {"columns": ",".join(shown)} if shown != base.columns else {}
        return asked | {name: value for name, value in changes.items() if value}

    def link(self, filters: Mapping[str, str] | None = None, **changes: Any) -> str:
        """The address of the list with some changes; pages begin anew unless a cursor is given."""
        asked = urlencode(self.parameters(filters, **changes), safe=",:")
        return reverse("contacts:list") + (f"?{asked}" if asked else "")

    def narrowed(self, contacts: ContactQuerySet) -> Narrowed:
        """The page that is asked for of the contacts that the filters let through, and how many these are."""
        order, is_descending = ORDERS[self.sort.removeprefix("-")], self.sort.startswith("-")
        options: Any = {"order": order, "is_descending": is_descending, "cursor": self.cursor}
        if not self.filters:
            page = keyset_page(contacts, size=PAGE, **options)
            return Narrowed(page, *capped_count(contacts))
        split = partial(contact_split, filters=self.filters, order=order)
        return narrowed_page(contacts, size=PAGE, split=split, **options)

    def chips(self) -> list[Chip]:
        return [self._chip(name, value) for name, value in self.filters.items() if name != "q"]

    def _chip(self, name: str, value: str) -> Chip:
        others = {key: each for key, each in self.filters.items() if key != name}
        return Chip(filter_label(name), filter_said(name, value), self.link(others))

    def head(self, name: str) -> Head:
        is_here = self.sort.removeprefix("-") == name
        direction = ("descending" if self.sort.startswith("-") else "ascending") if is_here else ""
        turned = f"-{name}" if direction == "ascending" else name
        return Head(name, SORT_LABELS[name], self.link(sort=turned), direction)
