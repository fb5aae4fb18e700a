"""Following changes: segments are asked anew about the contacts that changed, and about no others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import TopologicalSorter

import structlog
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from contacts.changes import Change
from contacts.models import ContactChange, Relationship
from contacts.rules.compiler import depends_on
from contacts.rules.nodes import Dependency, Node, conditions
from contacts.rules.world import World
from contacts.selectors.totals import contact_totals
from organizations.scope import current_organization_id
from organizations.statements import execute, statement
from segments.models import MembershipReason, Segment, SegmentKind, SegmentStatus
from segments.selectors.wanted import rule_of
from segments.services.memberships import members_set_among
from segments.services.refreshing import segment_fail, segment_refresh_start
from segments.services.statistics import rules_know_sizes

# Whoever lives, dies or comes back is asked about everywhere.
LIFE = (Dependency("created"), Dependency("deleted"), Dependency("restored"))
# What segments make known themselves; those that look at others hear it from `_Facts`, at once.
OWN_KINDS = ("joined", "left")
# More than so many changes that wait, or than this share of the contacts, are quicker done by computing anew.
BACKLOG = 20_000
BACKLOG_SHARE = 0.05
MOST_PASSED = 50_000
log = structlog.get_logger(__name__)


def changes_follow(changes: Sequence[Change]) -> None:
    """Bring every segment up to date with a batch of changes; runs in the transaction that deletes them.

    A constant number of queries for each segment that depends on what changed, whatever the number of contacts. Where
    very much waits, segments are marked as stale instead, and computed anew once that is through.
    """
    segments = in_order(Segment.objects.filter(status__in=FOLLOWED))
    if not segments:
        return
    if backlog_is_large():
        Segment.objects.filter(status=SegmentStatus.READY, kind=SegmentKind.DYNAMIC).update(
            status=SegmentStatus.STALE
        )
        segments = [each for each in segments if each.kind == SegmentKind.STATIC]
    _Pass(World(timezone.now()), _Facts(changes)).run(segments)
    stale_start()


FOLLOWED = (SegmentStatus.READY,)


def backlog_is_large() -> bool:
    """Whether so many changes wait that computing anew is quicker. One or two queries."""
    waiting = ContactChange.objects.filter(~Q(kind__in=OWN_KINDS), set_aside_at=None)
    if waiting[BACKLOG:].exists():
        share = int(contact_totals().contacts * BACKLOG_SHARE)
        return share <= BACKLOG or waiting[share:].exists()
    return False


def stale_start() -> int:
    """Queue the refresh of every segment that was left behind, once no more is waiting than can be followed."""
    stale = Segment.objects.filter(status=SegmentStatus.STALE)
    if not stale.exists() or backlog_is_large():
        return 0
    for segment in in_order(stale):
        segment_refresh_start(segment=segment, reason=MembershipReason.DATA)
    return len(stale)


def time_follow(*, now: datetime) -> int:
    """Ask segments anew about those whom the passing of time concerns since it was followed last; returns how many
    contacts. Run it under the lock of changes.

    For each condition that knows time, one range of an index finds those whose moment has come: what it costs does
    not grow with the organization.
    """
    segments = in_order(Segment.objects.filter(status__in=FOLLOWED))
    run = _Pass(World(now), _Facts(()), is_time=True)
    run.run(segments)
    timed = [each.pk for each in segments if each.knows_time]
    Segment.objects.filter(pk__in=timed).update(swept_until=now)
    return run.asked


def segment_follow(*, segment: Segment, flips: Sequence[tuple[int, bool]], now: datetime) -> None:
    """Bring those segments up to date that look at one whose members changed. Run it under the lock of changes."""
    facts = _Facts(())
    facts.add(_flips(segment, flips))
    others = Segment.objects.filter(status__in=FOLLOWED).exclude(pk=segment.pk)
    _Pass(World(now), facts).run(in_order(others))


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Segments in such an order that those come first that others look at."""
    by_id = {segment.pk: segment for segment in segments}
    graph = {
        pk: [other for other in segment.depends_on if other in by_id]
        for pk, segment in sorted(by_id.items())
    }
    return [by_id[pk] for pk in TopologicalSorter(graph).static_order()]


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
    grown: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def run(self, segments: Sequence[Segment]) -> None:
        looked_at = {pk for segment in segments for pk in segment.depends_on}
        for segment in segments:
            try:
                flips = self._segment(segment)
            except ValidationError as error:
                _fail(segment, error)
                continue
            if segment.pk in looked_at:
                self.facts.add(_flips(segment, flips))
        self._count()

    def _count(self) -> None:
        """Write how many have become members, and have left."""
        if self.grown:
            execute(
                statement("segments", "add_counts"),
                {
                    "organization_id": current_organization_id(),
                    "ids": list(self.grown),
                    "counts": list(self.grown.values()),
                },
            )

    def _segment(self, segment: Segment) -> list[tuple[int, bool]]:
        node = rule_of(segment, self.world)
        changed = self._changed(segment, node)
        passed = self._passed(segment, node) - changed if self.is_time and node else set()
        if len(passed) > MOST_PASSED or (self.is_time and self._has_moved(segment)):
            segment_refresh_start(segment=segment, reason=MembershipReason.TIME)
            passed = set()
        pinned = self.facts.of(Dependency("pinned", frozenset((segment.pk,))))
        return [
            *self._set(segment, changed - pinned, MembershipReason.DATA),
            *self._set(segment, pinned, MembershipReason.MANUAL),
            *self._set(segment, passed, MembershipReason.TIME),
        ]

    def _set(
        self, segment: Segment, among: set[int], reason: MembershipReason
    ) -> list[tuple[int, bool]]:
        if not among:
            return []
        if not self.asked:
            rules_know_sizes()
        self.asked += len(among)
        flips = members_set_among(
            segment=segment, world=self.world, among=sorted(among), reason=reason
        )
        if flips:
            self.grown[segment.pk] += sum(1 if joins else -1 for _, joins in flips)
        return flips

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


def _related(ids: set[int], hops: int) -> set[int]:
    """Those who are related to some contacts by so many relationships. One query a hop."""
    for _ in range(hops):
        if not ids:
            break
        rows = Relationship.objects.filter(related_contact_id__in=ids)
        ids = set(rows.values_list("contact_id", flat=True))
    return ids


def _fail(segment: Segment, error: ValidationError) -> None:
    """A rule that can't be read any more stops its segment, and nobody else's."""
    message = "; ".join(error.messages)
    log.warning("segment_failed", segment=segment.pk, error=message)
    segment_fail(segment, message)
