"""The one place where memberships are written: the members of segments become those that are wanted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, Value, When

from contacts import changes
from contacts.models import Contact
from contacts.rules.nodes import Node
from contacts.rules.world import World
from organizations.scope import current_organization_id
from organizations.statements import execute, fetch_all, positional, statement
from segments.models import MembershipReason, Segment, SegmentMembership
from segments.selectors.wanted import membership, wanted


def members_set(*, segment: Segment, world: World, reason: str) -> tuple[int, int]:
    """Compute all of a segment; returns how many joined and left. Run it under the lock of changes.

    `Segment.member_count` and `members_version` are left to the caller. Raises ValidationError for an unreadable rule.
    """
    who, values = wanted(segment, world).order_by().values("pk").query.sql_with_params()
    sql, more = positional(
        statement("segments", "members_set", wanted=who, write=_write()),
        _written(world.now)
        | {
            "segment_id": segment.pk,
            "reason": reason,
            "is_pinned": segment.pk in world.vocabulary("pinned_segments"),
        },
    )
    ((joined, left),) = fetch_all(sql, [*values, *more])
    return joined, left


def _write() -> str:
    return statement("segments", "members_write")


def _written(now: datetime) -> dict[str, Any]:
    return {
        "organization_id": current_organization_id(),
        "now": now,
        "is_heard": changes.is_heard("joined"),
    }


class Question(NamedTuple):
    """Some contacts about whom a segment is asked, and why."""

    segment: Segment
    node: Node | None
    among: frozenset[int]
    reason: MembershipReason


Flips = list[tuple[int, bool]]


@dataclass
class Moves:
    """Who of some contacts joins and leaves segments: gathered, and written together.

    What is gathered is seen by rules that look at other segments only once it is written. Use it under the lock of
    changes.
    """

    world: World
    members: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    moves: list[tuple[int, int, bool, str]] = field(default_factory=list)

    def know(self, questions: Sequence[Question]) -> None:
        """Read who is in the segments that questions are about, out of all contacts in question. One query."""
        among = set().union(*(question.among for question in questions))
        if not among:
            return
        segments = {question.segment.pk for question in questions}
        about = self.world.of(sorted(among)).about("contact_id")
        # As a sum, the segment leads into no index: PostgreSQL goes along each contact's memberships, and not, many times
        # as often, through each segment for each contact.
        rows = SegmentMembership.objects.filter(about).annotate(asked=F("segment_id") + 0)
        found = rows.filter(asked__in=segments)
        for segment, contact in found.values_list("segment_id", "contact_id"):
            self.members[segment].add(contact)

    def compare(self, questions: Sequence[Question], among: frozenset[int]) -> list[Flips]:
        """Ask segments at once, after `know`, about contacts that hold those of each question: for each, those of them
        who join (True) or leave. One query.
        """
        world = self.world.of(sorted(among))
        answers = {
            f"s{number}": _truth(membership(each.segment, each.node, world))
            for number, each in enumerate(questions)
        }
        people = Contact.objects.filter(world.about("pk")).annotate(**answers)
        rows = people.order_by().values_list("pk", *answers)
        wants: list[set[int]] = [set() for _ in questions]
        for pk, *truths in rows:
            for number, is_wanted in enumerate(truths):
                if is_wanted:
                    wants[number].add(pk)
        return [self._gather(*each) for each in zip(questions, wants, strict=True)]

    def _gather(self, question: Question, wants: set[int]) -> Flips:
        segment, _, among, reason = question
        members = self.members[segment.pk]
        wants &= among
        flips = [(pk, True) for pk in wants - members]
        flips += [(pk, False) for pk in (members & among) - wants]
        self.moves += [(segment.pk, pk, joins, reason) for pk, joins in flips]
        members -= among - wants
        members |= wants
        return flips

    def write(self) -> None:
        """Write what was gathered: one statement, whatever the number of segments and contacts."""
        if not self.moves:
            return
        segments, contacts, joins, reasons = map(list, zip(*self.moves, strict=True))
        moved = {"segments": segments, "contacts": contacts, "joins": joins, "reasons": reasons}
        sql = statement("segments", "members_moved", write=_write())
        execute(sql, _written(self.world.now) | moved)
        self.moves.clear()


def _truth(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))
