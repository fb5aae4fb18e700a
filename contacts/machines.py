"""Telling machines from people: by what they call themselves, and by how quick they are."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any

from crawleruseragents import is_crawler

from contacts.cleaning.events import Event
from contacts.models.event import EMAIL_CLICKED, EMAIL_DELIVERED, EMAIL_OPENED, EMAIL_SENT

# Apple's mail privacy fetches every picture, read or not, and calls itself just so; Yahoo's fetches ahead.
PROXIES = ("YahooMailProxy", "YahooCacheSystem")
APPLE = "Mozilla/5.0"
# Gmail fetches pictures through its proxy when a person opens the mail.
PEOPLE = ("GoogleImageProxy",)
KINDS = (EMAIL_OPENED, EMAIL_CLICKED)


def is_machine(event_type: str, user_agent: str) -> bool:
    """Whether an opening or a click is the work of a scanner or of a proxy, by its user agent."""
    return event_type in KINDS and bool(user_agent) and _is_machine(user_agent)


@lru_cache(maxsize=10_000)
def _is_machine(user_agent: str) -> bool:
    if any(name in user_agent for name in PEOPLE):
        return False
    is_proxy = user_agent == APPLE or any(name in user_agent for name in PROXIES)
    return is_proxy or bool(is_crawler(user_agent))


def hurried_events(events: Sequence[Event], *, speed: float, burst: float) -> set[int]:
    """The places of those openings and clicks that no person could have made: sooner than `speed` seconds after their
    mail was sent, or three different links within `burst` seconds; as far as the events of one batch tell.
    """
    sent: dict[Any, list[datetime]] = defaultdict(list)
    clicks: dict[Any, list[tuple[datetime, str, int]]] = defaultdict(list)
    for number, event in enumerate(events):
        if event.source_id and event.event_type in (EMAIL_SENT, EMAIL_DELIVERED):
            sent[event.who, event.source_id].append(event.occurred_at)
        elif event.source_id and event.event_type == EMAIL_CLICKED:
            clicks[event.who, event.source_id].append((event.occurred_at, event.url, number))
    return {*_at_once(events, sent, speed), *_bursts(clicks, timedelta(seconds=burst))}


def _at_once(events: Sequence[Event], sent: Mapping[Any, list[datetime]], speed: float) -> Any:
    """Those that came right behind the sending of their mail."""
    if not sent:
        return
    for number, event in enumerate(events):
        if event.event_type in KINDS and event.source_id:
            for at in sent.get((event.who, event.source_id), ()):
                if timedelta() <= event.occurred_at - at < timedelta(seconds=speed):
                    yield number


LINKS = 3


def _bursts(clicks: Mapping[Any, list[tuple[datetime, str, int]]], burst: timedelta) -> Any:
    """Those among which there are several links at once."""
    for group in clicks.values():
        if len(group) < LINKS:
            continue
        group.sort(key=itemgetter(0))
        moments = [at for at, _, _ in group]
        for at, _, number in group:
            near = group[bisect_left(moments, at - burst) : bisect_right(moments, at + burst)]
            if len({url for _, url, _ in near}) >= LINKS:
                yield number
