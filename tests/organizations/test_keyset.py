"""Paging by key: every row once, forward and back, whatever ties and NULLs there are."""

import base64
import contextlib
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, ContactEngagement
from contacts.selectors.contact_list import ORDERS as CONTACT_ORDERS
from organizations.keyset import Order, Page, capped_count, keyset_page
from organizations.models import Organization
from organizations.narrowing import Narrowed, Split, narrowed_page, take_apart, take_patiently
from organizations.scope import organization_scope
from tests.factories import make_contact, make_organization

ROWS = 3_000
ORDERS = {
    "name_key": Order("name_key", is_nullable=True),
    "engagement_score": CONTACT_ORDERS["engagement_score"],
    "number_1": Order("number_1", is_nullable=True),
    "created_at": Order("created_at"),
    "id": Order("id"),
}


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Any:
    """3,000 contacts: names that a hundred share, names that are NULL, few scores, few moments."""
    with django_db_blocker.unblock():
        organization = make_organization()
        began = datetime(2026, 1, 1, tzinfo=UTC)
        with organization_scope(organization):
            Contact.objects.bulk_create(
                Contact(
                    email=f"c{n}@x.org",
                    email_key=f"c{n}@x.org",
                    first_name=None if n % 3 == 0 else f"Näme {n % 10}",
                    number_1=None if n % 4 else n % 5,
                    created_at=began + timedelta(microseconds=n % 11),
                    updated_at=timezone.now(),
                )
                for n in range(ROWS)
            )
            ContactEngagement.objects.bulk_create(
                # (Who never did anything has no row at all, or one without a score.)
                ContactEngagement(contact_id=pk, engagement_score=None if n % 6 else (n % 7) / 3)
                for n, pk in enumerate(Contact.objects.order_by("pk").values_list("pk", flat=True))
                if n % 2 == 0
            )
        yield organization
        organization.delete()


@pytest.fixture
def contacts(crowd: Organization, db: None) -> Any:
    with organization_scope(crowd):
        score = CONTACT_ORDERS["engagement_score"]
        yield score.prepared(Contact.objects.all())


def key(row: Any, order: Order, is_descending: bool) -> tuple[bool, Any, int]:
    """Where a row stands, in Python: without a value last in both directions, ties by id."""
    sign = -1 if is_descending else 1
    value = getattr(row, order.column)
    return (value is None, _Directed(value, sign), sign * row.pk)


class _Directed:
    def __init__(self, value: Any, sign: int) -> None:
        self.value, self.sign = value, sign

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Directed) and self.value == other.value

    def __lt__(self, other: "_Directed") -> bool:
        return self.value < other.value if self.sign > 0 else self.value > other.value


def walk(rows: Any, order: Order, is_descending: bool, size: int) -> tuple[list[int], list[Page]]:
    pages, ids, cursor = [], [], None
    while True:
        page = keyset_page(rows, order=order, is_descending=is_descending, cursor=cursor, size=size)
        pages.append(page)
        ids += [row.pk for row in page.rows]
        if page.next is None:
            return ids, pages
        assert len(page.rows) == size
        assert len(pages) < ROWS, "it goes round in a circle"
        cursor = page.next


@pytest.mark.parametrize("is_descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("name", ORDERS)
def test_every_row_comes_once_in_order_there_and_back(
    contacts: Any, name: str, is_descending: bool
) -> None:
    order = ORDERS[name]
    expected = [
        row.pk
        for row in sorted(
            contacts.defer("search_vector"), key=lambda row: key(row, order, is_descending)
        )
    ]
    ids, pages = walk(contacts, order, is_descending, 170)
    assert ids == expected
    assert pages[0].previous is None
    back: list[int] = []
    cursor = pages[-1].previous
    while cursor is not None:
        page = keyset_page(
            contacts, order=order, is_descending=is_descending, cursor=cursor, size=170
        )
        back = [row.pk for row in page.rows] + back
        assert page.next is not None
        cursor = page.previous
    assert back == expected[: len(expected) - len(pages[-1].rows)]


@pytest.mark.parametrize("size", [1, 7, 1000, 2999, 3000, 3001])
def test_no_size_of_page_loses_a_row(contacts: Any, size: int) -> None:
    rows = contacts if size > 1 else contacts.filter(pk__lte=contacts.first().pk + 50)
    ids, _ = walk(rows, ORDERS["engagement_score"], False, size)
    assert sorted(ids) == sorted(rows.values_list("pk", flat=True))
    assert len(set(ids)) == len(ids)


def test_the_page_after_a_page_leads_back_to_it(contacts: Any) -> None:
    order = ORDERS["name_key"]
    _, pages = walk(contacts, order, False, 333)
    for before, after in pairwise(pages):
        again = keyset_page(contacts, order=order, cursor=after.previous, size=333)
        assert again.rows == before.rows
        assert keyset_page(contacts, order=order, cursor=again.next, size=333).rows == after.rows


def test_every_page_takes_two_queries_at_most(contacts: Any) -> None:
    order, cursor = ORDERS["name_key"], None
    for _ in range(12):
        with CaptureQueriesContext(connection) as queries:
            page = keyset_page(contacts, order=order, cursor=cursor, size=250)
        assert 1 <= len(queries) <= 2
        cursor = page.next
    assert cursor is None


def test_rows_that_come_and_go_move_no_other(contacts: Any) -> None:
    """Behind a cursor come those behind it, also when its own row is gone."""
    order = ORDERS["created_at"]
    first = keyset_page(contacts, order=order, size=100)
    expected = keyset_page(contacts, order=order, cursor=first.next, size=100).rows
    contacts.filter(pk__in=[row.pk for row in first.rows]).delete()
    assert keyset_page(contacts, order=order, cursor=first.next, size=100).rows == expected


def forged(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "====",
        "é",
        "a" * 5000,
        "\0",
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 50_000).decode(),
        base64.urlsafe_b64encode(b"nul").decode(),
        base64.urlsafe_b64encode(b"[NaN,false,1,false]").decode(),
        base64.urlsafe_b64encode(b"[1e999,false,1,false]").decode(),
        forged(),
        forged(1),
        forged("x", False, "1", False),
        forged("x", False, None, False),
        forged("x", False, 1.5, False),
        forged("x", False, True, False),
        forged("x", False, 2**63, False),
        forged("x", False, -(2**63), False),
        forged("x", False, 1, False, 1),
        forged(None, False, 1, False),
        forged("not a date", False, 1, False),
        forged("2026-99-99T00:00:00", False, 1, False),
        forged({"a": 1}, False, 1, False),
        forged([1], False, 1, False),
        forged("\0", False, 1, False),
        forged("\ud800", False, 1, False),
        json.dumps({"a": 1}),
        base64.urlsafe_b64encode(b'{"a":1,"b":2,"c":3,"d":4}').decode(),
        "99999999999",
    ],
)
@pytest.mark.parametrize("name", ["created_at", "number_1", "name_key", "engagement_score", "id"])
def test_a_cursor_that_was_not_given_out_is_refused_or_harmless(
    contacts: Any, name: str, cursor: str
) -> None:
    """A forged one may be well formed for another column; it never ends in an error of another kind."""
    with contextlib.suppress(ValidationError):
        page = keyset_page(contacts, order=ORDERS[name], cursor=cursor, size=5)
        assert len(page.rows) <= 5


@pytest.mark.parametrize(
    "cursor", ["x", forged("not a date", False, 1, False), forged(1, False, "1", False)]
)
def test_nonsense_is_refused(contacts: Any, cursor: str) -> None:
    with pytest.raises(ValidationError, match="not one that was given out"):
        keyset_page(contacts, order=ORDERS["created_at"], cursor=cursor)


def test_a_cursor_of_another_organization_shows_nothing_of_it(
    contacts: Any, crowd: Organization
) -> None:
    cursor = keyset_page(contacts, order=ORDERS["id"], size=5).next
    other = make_organization()
    ours = make_contact(other)
    with organization_scope(other):
        page = keyset_page(Contact.objects.all(), order=ORDERS["id"], cursor=cursor, size=5)
        assert page.rows == [ours]


def test_no_rows_no_cursors(organization: Organization) -> None:
    assert keyset_page(Contact.objects.all(), order=ORDERS["name_key"]) == Page([], None, None)


def test_counting_stops_at_the_cap(contacts: Any) -> None:
    assert capped_count(contacts, cap=100) == (100, True)
    assert capped_count(contacts, cap=ROWS) == (ROWS, False)


ASKED = {"first_name__startswith": "Näme", "number_1__isnull": False}


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("take", [take_apart, take_patiently])
def test_however_rows_are_taken_the_pages_are_the_same(
    contacts: Any, name: str, take: Any, is_descending: bool
) -> None:
    rows = contacts.filter(**ASKED).defer("search_vector")
    cursor, seen = None, []
    while True:
        options = {"order": ORDERS[name], "is_descending": is_descending, "cursor": cursor}
        page = keyset_page(rows, size=70, take=take, **options)
        assert page.rows == keyset_page(rows, size=70, **options).rows
        seen += page.rows
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == rows.count() > 140


def test_a_page_that_takes_too_long_is_found_first(contacts: Any) -> None:
    rows = contacts.filter(**ASKED)
    slow = RawSQL("pg_sleep(0.001)::text || 'x'", ())
    asked = rows.annotate(slow=slow).filter(slow__isnull=False).order_by("pk")[:51]
    with CaptureQueriesContext(connection) as captured:
        found = take_patiently(asked)
    assert found == list(rows.order_by("pk")[:51])
    assert any("(select " in query["sql"] for query in captured)


def walked(rows: Any, order: Order, is_descending: bool, **options: Any) -> list[Any]:
    """All pages forward, then all the way back; each has to be the one that keyset_page finds."""
    asked: dict[str, Any] = {"order": order, "is_descending": is_descending, "size": 70}
    cursor, pages = None, []
    for direction in ("next", "previous"):
        while True:
            page = keyset_page(rows, cursor=cursor, **asked)
            pages.append(narrowed_page(rows, cursor=cursor, **asked, **options))
            assert pages[-1].page == page
            cursor = getattr(page, direction)
            if cursor is None:
                break
        cursor = page.previous
    return pages


def counts(pages: list[Any]) -> set[tuple[int, bool]]:
    return {(each.count, each.is_capped) for each in pages}


WITH_FIVE = {"email_key__contains": "5"}


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("cap", [100, 10_000])
def test_narrowed_pages_are_the_pages(
    contacts: Any, name: str, cap: int, is_descending: bool
) -> None:
    rows = contacts.filter(**WITH_FIVE).defer("search_vector")
    pages = walked(rows, ORDERS[name], is_descending, cap=cap)
    count = rows.count()
    assert len(pages) >= 2 * count // 70 > 4
    assert counts(pages) == {(min(cap, count), count > cap)}


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("cap", [100, 600, 10_000])
def test_rows_in_two_parts_make_the_same_pages(
    contacts: Any, cap: int, is_descending: bool
) -> None:
    rows = contacts.filter(**WITH_FIVE)
    low, high = "name 3", "name 6"
    inside = Q(name_key__gte=low, name_key__lt=high)
    outside = Q(name_key__isnull=True) | Q(name_key__lt=low) | Q(name_key__gte=high)
    certain = rows.filter(inside, number_1__isnull=False)
    parts = Split(inside=rows.filter(inside), outside=rows.filter(outside), certain=certain)
    assert 100 < parts.inside.count() < parts.outside.count() < 600
    pages = walked(rows, ORDERS["name_key"], is_descending, cap=cap, split=lambda: parts)
    count = rows.count()
    assert counts(pages) == {(min(cap, count), count > cap)}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_nothing_is_narrowed_to_nothing(contacts: Any, order: Order) -> None:
    assert narrowed_page(contacts.none(), order=order) == Narrowed(Page([], None, None), 0, False)


def test_rows_that_hardly_stand_together_are_found_as_one(contacts: Any) -> None:
    """Looking through a stretch of an order for the few that match in it would take as long as the stretch is."""
    rows = contacts.filter(**WITH_FIVE)
    parts = Split(
        inside=contacts.none(),
        outside=contacts.none(),
        certain=rows.filter(pk__lte=rows.order_by("pk")[99].pk),
    )
    narrowed = narrowed_page(rows, order=ORDERS["name_key"], cap=100, split=lambda: parts)
    assert narrowed.page == keyset_page(rows, order=ORDERS["name_key"])
