"""The list of contacts as screens, API and background work select it: filters by name, orders by key."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from contacts.cleaning.emails import email_key
from contacts.cleaning.errors import CleaningError
from contacts.engagement import Level, level_filter
from contacts.folding import BEGINNING_LENGTH, BEGINNINGS
from contacts.models import Contact, ContactKind
from contacts.querysets import ContactQuerySet, WordQuery
from contacts.search import beginning_lexeme, only_word, search_query
from contacts.selectors.searching import common_words, contact_search
from organizations.collations import sorts_by_code_point
from organizations.ids import id_of, ids_of
from organizations.keyset import Order
from organizations.models import Organization
from organizations.narrowing import Split
from organizations.scope import current_organization_id

Filter = Callable[[ContactQuerySet, str], ContactQuerySet]

# What the screen and the API offer; each is served by an index.
ORDERS = {
    "name": Order("name_key", is_nullable=True),
    "email": Order("email_key", is_nullable=True),
    "created_at": Order("created_at"),
    "engagement_score": Order(
        "engagement_score", is_nullable=True, expression=F("engagement__engagement_score")
    ),
}


def _boolean(name: str) -> Filter:
    def by_boolean(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
        if value not in ("true", "false", "True", "False", "1", "0"):
            raise ValidationError({name: f"“{value[:80]}” is neither true nor false."})
        return contacts.filter(**{name: value in ("true", "True", "1")})

    return by_boolean


def _exact(name: str) -> Filter:
    return lambda contacts, value: contacts.filter(**{f"{name}__iexact": value})


def _moment(name: str, value: str) -> datetime:
    """A moment, or the beginning of a day; the organization's time where no offset is given, as in rules."""
    try:
        moment = parse_datetime(value)
        day = None if moment else parse_date(value)
    except ValueError:
        moment = day = None
    if day is not None:
        moment = datetime(day.year, day.month, day.day)
    if moment is None:
        raise ValidationError({name: f"“{value[:80]}” is not a date such as 2026-03-01."})
    if moment.tzinfo:
        return moment
    organization = Organization.objects.get(pk=current_organization_id())
    return moment.replace(tzinfo=ZoneInfo(organization.timezone))


def _email(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    try:
        return contacts.filter(email_key=email_key(value))
    except CleaningError as error:
        raise ValidationError({"email": ValidationError(error.message, code=error.code)}) from error


def _ago(value: str) -> datetime:
    days = {"1d": 1, "7d": 7, "30d": 30, "90d": 90}.get(value)
    if days is None:
        raise ValidationError({"created_in_last": "Use 1d, 7d, 30d or 90d."})
    return timezone.now() - timedelta(days=days)


def _ids(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    ids = ids_of(value)
    if None in ids:
        raise ValidationError({"id": "Give ids of contacts, separated by commas."})
    return contacts.filter(pk__in=ids)


def _kind(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    if value not in ContactKind.values:
        raise ValidationError({"kind": f"“{value[:80]}” is neither person nor company."})
    return contacts.filter(kind=value)


def _engagement(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    """Those at a level now. One query more, for the half-life of the organization."""
    if value not in Level:
        message = f"“{value[:80]}” is no level; there are {', '.join(Level)}."
        raise ValidationError({"engagement": message})
    half_life = Organization.objects.get(pk=current_organization_id()).half_life
    return contacts.filter(level_filter(Level(value), timezone.now(), half_life))


_filters: dict[str, Filter] = {
    "q": contact_search,
    "id": _ids,
    "kind": _kind,
    "email": _email,
    "external_id": lambda contacts, value: contacts.filter(external_id=value),
    "phone": lambda contacts, value: contacts.filter(phone=value),
    "city": _exact("city"),
    "country": _exact("country"),
    "language": _exact("language"),
    "company_name": _exact("company_name"),
    "source": _exact("source"),
    "is_active": _boolean("is_active"),
    "is_subscribed": _boolean("is_subscribed"),
    "engagement": _engagement,
    "created_in_last": lambda contacts, value: contacts.filter(created_at__gte=_ago(value)),
    "created_after": lambda contacts, value: contacts.filter(
        created_at__gte=_moment("created_after", value)
    ),
    "created_before": lambda contacts, value: contacts.filter(
        created_at__lt=_moment("created_before", value)
    ),
}


def filter_register(name: str, by: Filter) -> None:
    """Offer a filter that an upper floor knows; called from AppConfig.ready()."""
    _filters[name] = by


def filter_names() -> list[str]:
    return list(_filters)


def contact_list(*, filters: Mapping[str, str]) -> ContactQuerySet:
    """The living contacts that every filter lets through; blank filters let all through.

    Raises ValidationError for a value that a filter can't read. Unknown names are ignored.
    """
    contacts = Contact.objects.all()
    for name, value in filters.items():
        if "\0" in value:
            raise ValidationError({name: "A NUL character is in no contact."})
        if name in _filters and value:
            contacts = _filters[name](contacts, value)
    return contacts


def filters_fixed(filters: Mapping[str, str]) -> dict[str, str]:
    """The filters with what they say of now as it is now: later they mean the same moment, and not a later one.

    Raises ValidationError for a moment that can't be read.
    """
    fixed = dict(filters)
    if last := fixed.pop("created_in_last", ""):
        since = _ago(last)
        if after := fixed.get("created_after"):
            since = max(since, _moment("created_after", after))
        fixed["created_after"] = since.isoformat()
    return fixed


def contact_split(*, filters: Mapping[str, str], order: Order) -> Split | None:
    """The contacts of a search for one word in two parts, where many of them stand together in the order; else None.

    In order of name, the Toms are one stretch of that order's index. Only who has a Tom elsewhere is left for the
    index of words, which knows how names and addresses begin (`contacts.folding.BEGINNINGS`).
    """
    word = only_word(filters.get("q", ""))
    is_open = len(word) < BEGINNING_LENGTH or LAST_CHARACTER in word
    if order.column not in BEGINNINGS or is_open or not sorts_by_code_point():
        return None
    if common_words(word):
        return None
    begins = word[:BEGINNING_LENGTH]
    others = contact_list(filters={name: each for name, each in filters.items() if name != "q"})
    query, lexeme = search_query(filters["q"]), beginning_lexeme(order.column, begins)
    return Split(
        inside=others.search(filters["q"]).filter(**_stretch(order, begins)),
        outside=others.filter(search_vector=WordQuery(f"({query}) & !{lexeme}")),
        certain=others.filter(**_stretch(order, word)),
    )


# No text comes right behind those that begin with it.
LAST_CHARACTER = "\U0010ffff"


def _stretch(order: Order, begins: str) -> dict[str, str]:
    return {f"{order.column}__gte": begins, f"{order.column}__lt": _next(begins)}


def _next(text: str) -> str:
    """The first text behind all that begin with this one, by code point."""
    return text[:-1] + chr(ord(text[-1]) + (0x801 if text[-1] == "\ud7ff" else 1))


# Whoever means one of more has to say more.
CANDIDATES = 8


def contacts_found(text: str) -> list[Contact]:
    """The contacts that a number, an address or a name finds, as people type it: the one whose it is, else a few."""
    if not text:
        return []
    filters = {"q": text} if id_of(text) is None else {"id": text}
    rows = contact_list(filters=filters).defer("search_vector", "custom_fields").order_by("pk")
    found = list(rows[:CANDIDATES])
    exact = [each for each in found if _is_named(each, text.casefold())]
    return exact if len(exact) == 1 else found


def _is_named(contact: Contact, text: str) -> bool:
    names = (contact.email, contact.external_id, contact.display_name)
    return text in {name.casefold() for name in names if name}
