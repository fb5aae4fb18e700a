"""Following changes: segments are asked anew about the contacts that changed, and about no others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter
from itertools import batched, chain

import structlog
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.changes import Change
from contacts.models import ContactChange, Relationship
from contacts.rules.compiler import depends_on
from contacts.rules.nodes import Dependency, Node, conditions
from contacts.rules.world import World
from contacts.selectors.totals import contact_totals
from segments.models import MembershipReason, Segment, SegmentKind, SegmentStatus
from segments.selectors.wanted import rule_of
from segments.services.memberships import Flips, Moves, Question
from segments.services.refreshing import segment_fail, segment_refresh_start
from segments.services.statistics import rules_know_sizes

# Whoever lives, dies or comes back is asked about everywhere.
LIFE = (Dependency("created"), Dependency("deleted"), Dependency("restored"))
# What segments make known themselves; those that look at others hear it from `_Facts`, at once.
OWN_KINDS = ("joined", "left")
# Who is pinned concerns one segment: many of them are a reason to compute that one anew, and no others.
NO_BACKLOG = (*OWN_KINDS, "pinned")
# More than so many changes that wait, or than this share of the contacts, are quicker done by computing anew.
BACKLOG = 20_000
BACKLOG_SHARE = 0.05
MOST_PASSED = 50_000
# So many segments are asked by one statement, which grows with their rules.
MOST_TOGETHER = 25
# So many who join and leave are held in memory.
MOST_MOVES = 50_000
log = structlog.get_logger(__name__)


def changes_follow(changes: Sequence[Change]) -> None:
    """Bring every segment up to date with a batch of changes; runs in the transaction that deletes them.

    A constant number of queries for each segment that depends on what changed, whatever the number of contacts. Where
    very much waits, segments are marked as stale instead, and computed anew once that is through.
    """
    segments = list(Segment.objects.filter(status__in=FOLLOWED))
    if not segments:
        return
    if behind := _left_behind(segments, changes):
        stale = Segment.objects.filter(pk__in=behind, status=SegmentStatus.READY)
        stale.update(status=SegmentStatus.STALE)
        segments = [each for each in segments if each.pk not in behind]
    _Pass(World(_moment(segments)), _Facts(changes)).run(segments)
    stale_start()


FOLLOWED = (SegmentStatus.READY,)


def _moment(segments: Iterable[Segment]) -> datetime:
    """Now; but not before time was followed, maybe by the clock of another machine that is ahead."""
    followed = (segment.swept_until for segment in segments if segment.swept_until)
    return max([timezone.now(), *followed])


def _left_behind(segments: Sequence[Segment], changes: Sequence[Change]) -> set[int]:
    """The segments that are computed anew sooner than they follow what waits with these changes, and behind them."""
    is_large = any(each.kind not in NO_BACKLOG for each in changes) and backlog_is_large()
    pinned = {each.reference for each in changes if each.kind == "pinned"}
    return {
        each.pk
        for each in segments
        if (is_large and each.kind == SegmentKind.DYNAMIC)
        or (each.pk in pinned and _very_many_are_pinned(each))
    }


def _very_many_are_pinned(segment: Segment) -> bool:
    pins = ContactChange.objects.filter(kind="pinned", reference=segment.pk, set_aside_at=None)
    return _is_backlog(pins)


def backlog_is_large() -> bool:
    """Whether so many changes wait that computing anew is quicker. One or two queries."""
    return _is_backlog(ContactChange.objects.filter(~Q(kind__in=NO_BACKLOG), set_aside_at=None))


def _is_backlog(waiting: QuerySet[ContactChange]) -> bool:
    if waiting[BACKLOG:].exists():
        share = int(contact_totals().contacts * BACKLOG_SHARE)
        return share <= BACKLOG or waiting[share:].exists()
    return False


def stale_start() -> int:
    """Queue the refresh of every segment that was left behind, once no more is waiting than can be followed."""
    left = Segment.objects.filter(status=SegmentStatus.STALE)
    stale = [each for each in left if not _very_many_are_pinned(each)]
    if not stale or backlog_is_large():
        return 0
    for segment in chain.from_iterable(in_levels(stale)):
        segment_refresh_start(segment=segment, reason=MembershipReason.DATA)
    return len(stale)


def time_follow(*, now: datetime) -> int:
    """Ask segments anew about those whom the passing of time concerns since it was followed last; returns how many
    contacts. Run it under the lock of changes.

    For each condition that knows time, one range of an index finds those whose moment has come: what it costs does
    not grow with the organization.
    """
    segments = list(Segment.objects.filter(status__in=FOLLOWED))
    run = _Pass(World(now), _Facts(()), is_time=True)
    run.run(segments)
    timed = [each.pk for each in segments if each.knows_time]
    # Never back to where the clock of another machine has been before.
    behind = Q(swept_until=None) | Q(swept_until__lt=now)
    Segment.objects.filter(behind, pk__in=timed).update(swept_until=now)
    return run.asked


def segment_follow(*, segment: Segment, flips: Sequence[tuple[int, bool]], now: datetime) -> None:
    """Bring those segments up to date that look at one whose members changed. Run it under the lock of changes."""
    facts = _Facts(())
    facts.add(_flips(segment, flips))
    others = Segment.objects.filter(status__in=FOLLOWED).exclude(pk=segment.pk)
    _Pass(World(now), facts).run(others)


def in_levels(segments: Iterable[Segment]) -> Iterator[list[Segment]]:
    """Segments by levels: each looks at those of levels before it alone."""
    by_id = {segment.pk: segment for segment in segments}
    sorter = TopologicalSorter(
        {
            pk: [other for other in segment.depends_on if other in by_id]
            for pk, segment in sorted(by_id.items())
        }
    )
    sorter.prepare()
    while sorter.is_active():
        level = sorter.get_ready()
        yield [by_id[pk] for pk in level]
        sorter.done(*level)


def _flips(segment: Segment, flips: Sequence[tuple[int, bool]]) -> list[Change]:
    """Who joined and left, as facts for those segments that look at this one."""
    return [
        Change(0, contact_id, "joined" if joins else "left", segment.pk)
        for contact_id, joins in flips
    ]


@dataclass
class _Facts:
    """Changes by their kind; `add` puts in what segments make known themselves."""

    changes: Sequence[Change]
    by_kind: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    # What was asked for once: many rules look at the same.
    found: dict[Dependency, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.add(self.changes)

    def add(self, changes: Iterable[Change]) -> None:
        self.found.clear()
        for change in changes:
            self.by_kind[change.kind].append(change)

    def of(self, dependency: Dependency) -> set[int]:
        """The contacts of the changes that a dependency means."""
        if dependency not in self.found:
            self.found[dependency] = self._of(dependency)
        return self.found[dependency]

    def _of(self, dependency: Dependency) -> set[int]:
        references = dependency.references
        return {
            change.contact_id
            for kind, found in self.by_kind.items()
            if kind.startswith(dependency.kind)
            for change in found
            if references is None or change.reference in references
        }


@dataclass
class _Pass:
    """One walk over the segments: each is asked about the contacts that what happened concerns."""

    world: World
    facts: _Facts
    is_time: bool = False
    asked: int = 0
    moves: Moves = field(init=False)

    def __post_init__(self) -> None:
        self.moves = Moves(self.world)

    def run(self, segments: Iterable[Segment]) -> None:
        """A constant number of queries for each group of contacts and level of segments."""
        segments = list(segments)
        looked_at = {pk for segment in segments for pk in segment.depends_on}
        for level in in_levels(segments):
            questions = [each for segment in level for each in self._questions(segment)]
            if questions and not self.asked:
                rules_know_sizes()
            self.moves.know(questions)
            for question, flips in self._asked(questions):
                if question.segment.pk in looked_at:
                    self.facts.add(_flips(question.segment, flips))
                if len(self.moves.moves) > MOST_MOVES:
                    self.moves.write()
            self.moves.write()

    def _asked(self, questions: Sequence[Question]) -> Iterator[tuple[Question, Flips]]:
        """Questions and their answers. Those about the same contacts, or nearly, are asked at once."""
        for among, alike in _together(questions).items():
            for some in batched(alike, MOST_TOGETHER, strict=False):
                self.asked += sum(len(question.among) for question in some)
                yield from self._answered(some, among)

    def _answered(
        self, questions: Sequence[Question], among: frozenset[int]
    ) -> Iterator[tuple[Question, Flips]]:
        """One that PostgreSQL can't answer fails its segment, and holds up no other."""
        try:
            with transaction.atomic():
                answers = self.moves.compare(questions, among)
        except DataError as error:
            if len(questions) == 1:
                _fail(questions[0].segment, str(error))
                return
            for question in questions:
                yield from self._answered([question], question.among)
        else:
            yield from zip(questions, answers, strict=True)

    def _questions(self, segment: Segment) -> list[Question]:
        """About whom a segment is to be asked, and why."""
        try:
            node = rule_of(segment, self.world)
            among = self._among(segment, node)
        except ValidationError as error:
            _fail(segment, "; ".join(error.messages))
            return []
        return [
            Question(segment, node, frozenset(ids), reason) for reason, ids in among.items() if ids
        ]

    def _among(self, segment: Segment, node: Node | None) -> dict[MembershipReason, set[int]]:
        changed = self._changed(segment, node)
        pinned = self.facts.of(Dependency("pinned", frozenset((segment.pk,))))
        passed = self._passed(segment, node) - changed if self.is_time and node else set()
        if len(passed) > MOST_PASSED or (self.is_time and self._has_moved(segment)):
            segment_refresh_start(segment=segment, reason=MembershipReason.TIME)
            passed = set()
        return {
            MembershipReason.DATA: changed - pinned,
            MembershipReason.MANUAL: pinned,
            MembershipReason.TIME: passed,
        }

    def _changed(self, segment: Segment, node: Node | None) -> set[int]:
        """The contacts that the facts of this pass concern."""
        needs = LIFE if node is None else (*LIFE, *depends_on(node, self.world))
        return {pk for need in needs for pk in _related(self.facts.of(need), need.hops)}

    def _has_moved(self, segment: Segment) -> bool:
        """Whether the organization keeps another time than when the segment was computed: its days begin at others."""
        is_ruled = segment.kind == SegmentKind.DYNAMIC
        return is_ruled and segment.computed_timezone != str(self.world.tz)

    def _passed(self, segment: Segment, node: Node) -> set[int]:
        """The contacts whose moment has come since time was followed."""
        since = segment.swept_until
        if not segment.knows_time or since is None or since >= self.world.now:
            return set()
        found: set[int] = set()
        for condition in conditions(node):
            for ids in condition.passed(since, self.world):
                found.update(pk for (pk,) in ids.order_by().values_list(*ids.query.values_select))
                if len(found) > MOST_PASSED:
                    return found
        return found


def _together(questions: Sequence[Question]) -> dict[frozenset[int], list[Question]]:
    """Questions by the contacts about whom they are asked: about everybody in question those that concern most of them
    anyway, since to look fifty times at nearly the same people takes longer than to ask about a few too many.
    """
    everybody = frozenset[int]().union(*(question.among for question in questions))
    together = defaultdict(list)
    for question in questions:
        is_most = 2 * len(question.among) > len(everybody)
        together[everybody if is_most else question.among].append(question)
    return together


def _related(ids: set[int], hops: int) -> set[int]:
    """Those who are related to some contacts by so many relationships. One query a hop."""
    for _ in range(hops):
        if not ids:
            break
        rows = Relationship.objects.filter(related_contact_id__in=ids)
        ids = set(rows.values_list("contact_id", flat=True))
    return ids


def _fail(segment: Segment, message: str) -> None:
    """A rule that can't be read any more stops its segment, and nobody else's."""
    log.warning("segment_failed", segment=segment.pk, error=message)
    segment_fail(segment, message)
