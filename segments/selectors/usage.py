"""What uses a segment, and so keeps it from being deleted; upper floors register themselves."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from contacts.models import SavedView
from organizations.ids import ids_of
from segments.models import Segment


@dataclass(frozen=True, slots=True)
class SegmentUser:
    """A thing that uses a segment: what it is, its name, and the name and number of its page's address."""

    what: str
    name: str
    url_name: str
    pk: int


# What uses segments, by their ids.
Source = Callable[[Collection[int]], Mapping[int, list[SegmentUser]]]
_sources: list[Source] = []


def usage_register(source: Source) -> None:
    """Let an upper floor say what of it uses some segments; called from AppConfig.ready()."""
    _sources.append(source)


def segment_users(*, segment: Segment) -> list[SegmentUser]:
    """Whatever uses a segment. One query, and those of upper floors."""
    return users_of([segment.pk])[segment.pk]


def users_of(segments: Collection[int]) -> dict[int, list[SegmentUser]]:
    """Whatever uses some segments, by their ids. One query, and those of upper floors."""
    looking = Segment.objects.filter(depends_on__overlap=list(segments)).order_by("name_key")
    found: dict[int, list[SegmentUser]] = {pk: [] for pk in segments}
    for each in looking:
        for pk in set(each.depends_on) & set(segments):
            found[pk].append(SegmentUser("segment", each.name, "segments:detail", each.pk))
    for source in _sources:
        for pk, users in source(segments).items():
            found[pk] += users
    return found


def views_of(segments: Collection[int]) -> dict[int, list[SegmentUser]]:
    """Saved views that everybody sees and that show a segment alone. One query."""
    found: dict[int, list[SegmentUser]] = {}
    views = SavedView.objects.filter(is_shared=True, filters__has_key="segment")
    for view in views.order_by("name_key"):
        user = SegmentUser("view of contacts", view.name, "contacts:view", view.pk)
        for number in ids_of(str(view.filters["segment"])):
            if number is not None and number in segments:
                found.setdefault(number, []).append(user)
    return found
