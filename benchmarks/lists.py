"""Lists and search with many contacts in one organization: server time of any page, in any order offered."""

import random
import re
import statistics
import time
from html import unescape
from pathlib import Path
from typing import Any

import psycopg
from django.contrib.auth import get_user_model
from django.test import Client

from benchmarks.databases import url_of
from benchmarks.machine import machine
from benchmarks.people import FIRST, LAST
from contacts.selectors.contact_list import ORDERS
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.organizations import member_add, organization_create

SQL = Path(__file__).parent / "sql"
REQUESTS = 60
# By how many names are asked for; everybody's address is at one domain.
WORDS = {0: [["example.com", "@example.com", "com"]], 1: [FIRST + LAST], 2: [FIRST, LAST]}
NEXT = re.compile(r'href="([^"]+)" rel="next"')


def run(rows: int) -> dict[str, Any]:
    """Fill an organization with `rows` contacts and ask for pages as a browser would."""
    organization = organization_create(name="Benchmark", slug="benchmark")
    user = get_user_model().objects.create_user("owner@example.com", "benchmark")
    with organization_scope(organization):
        member_add(user=user, role=Role.OWNER)
    fill(organization.pk, rows)
    client = Client()
    client.force_login(user)
    kinds = {f"page in order of {order}": _paging(order) for order in _orders()}
    kinds |= {f"search of one word by {order}": _searches(1, order) for order in _orders()}
    kinds |= {f"search of two words by {order}": _searches(2, order) for order in _orders()}
    kinds |= {f"search of a domain by {order}": _searches(0, order) for order in _orders()}
    times = {name: _measure(client, urls) for name, urls in kinds.items()}
    return _report(rows, times)


def fill(organization_id: int, rows: int) -> None:
    """Give an organization `rows` contacts."""
    with psycopg.connect(url_of("kith_bench"), autocommit=True) as pg:
        statement = (SQL / "many_contacts.sql").read_text()
        for first in range(0, rows, 100_000):
            last = min(first + 100_000, rows) - 1
            pg.execute(
                statement, {"organization_id": organization_id, "first": first, "last": last}
            )
        pg.execute("vacuum analyze contacts")


def _orders() -> list[str]:
    return [f"{sign}{order}" for order in ORDERS for sign in ("", "-")]


def _paging(order: str) -> Any:
    return {"sort": order}


def _searches(words: int, order: str) -> Any:
    return {"words": words, "sort": order}


def _measure(client: Client, kind: dict[str, Any]) -> list[float]:
    pick = random.Random(7)
    url = "/o/benchmark/contacts/"
    params: dict[str, str] = {key: str(value) for key, value in kind.items() if key == "sort"}
    _get(client, url, params)
    times = []
    for _ in range(REQUESTS):
        if "words" in kind:
            names = WORDS[kind["words"]]
            words = [pick.choice(each) for each in names]
            params = {"q": " ".join(words), "sort": kind["sort"]}
        seconds, following = _get(client, url, params)
        times.append(seconds)
        if following and "words" not in kind:
            url, params = following, {}
    return times


def _get(client: Client, url: str, params: dict[str, str]) -> tuple[float, str | None]:
    begin = time.perf_counter()
    response = client.get(url, params)
    seconds = time.perf_counter() - begin
    if response.status_code != 200:
        raise RuntimeError(f"{url} {params} answered {response.status_code}")
    following = NEXT.search(response.content.decode())
    return seconds, unescape(following[1]) if following else None


def _report(rows: int, times: dict[str, list[float]]) -> dict[str, Any]:
    print(f"Contact list with {rows:,} contacts in one organization on {machine()}\n")
    print(f"| {'request':<42} | median ms | p95 ms |\n|{'-' * 44}|{'-' * 10}:|{'-' * 7}:|")
    p95s = {}
    for name, measured in times.items():
        median, p95 = statistics.median(measured), statistics.quantiles(measured, n=20)[-1]
        p95s[name] = p95
        print(f"| {name:<42} | {median * 1000:>9.0f} | {p95 * 1000:>6.0f} |")
    return {
        "benchmark": "lists",
        "rows": rows,
        "worst_p95_ms": round(max(p95s.values()) * 1000),
        "p95_ms": {name: round(value * 1000) for name, value in p95s.items()},
    }
