from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from contacts.engagement import (
    COOLING,
    ENGAGED,
    HIGHLY,
    Level,
    level_filter,
    score_expression,
    stored_threshold,
)
from contacts.models import ContactEngagement, ContactEvent
from contacts.rules.comparisons import LISTS, NumberComparison, TextComparison
from contacts.rules.errors import RuleError
from contacts.rules.expressions import EVERYBODY
from contacts.rules.moments import MomentComparison
from contacts.rules.nodes import Condition, Dependency
from contacts.rules.places import Column
from contacts.rules.sentences import alternatives
from contacts.rules.source import Source
from contacts.rules.world import World

SUMS = ("total_emails_sent", "total_emails_opened", "total_emails_clicked")
MOMENTS = ("last_email_opened_at", "last_email_clicked_at", "last_engaged_at")
METRICS = ("score", "level", *SUMS, *MOMENTS)
LABELS = {
    "score": "engagement score",
    "total_emails_sent": "number of e-mails sent",
    "total_emails_opened": "number of e-mails opened",
    "total_emails_clicked": "number of e-mails clicked in",
    "last_email_opened_at": "last opening of an e-mail",
    "last_email_clicked_at": "last click in an e-mail",
    "last_engaged_at": "last engagement",
}
SCORE_OPERATORS = ("gt", "gte", "lt", "lte", "between")
SUM_OPERATORS = tuple(
    each for each in NumberComparison.operators if each not in ("is_set", "is_not_set")
)
LEVEL_OPERATORS = ("equals", "not_equals", *LISTS)


def _mine(world: World) -> Any:
    return ContactEngagement.objects.filter(world.about("contact_id"), contact=OuterRef("pk"))


class _Engagement(Condition):
    """What events add up to. Who has no event has the score 0 and the sums 0, and no moments."""

    metric: str
    kind = "engagement"

    def fails(self, world: World) -> Any:
        return ~Q(self.holds(world))

    def depends_on(self, world: World) -> Iterable[Dependency]:
        return Dependency("event:"), Dependency("engagement")

    def shown(self, world: World) -> Any:
        return Subquery(_mine(world).values(self.metric))


@dataclass(frozen=True, slots=True)
class Score(_Engagement):
    """{"type": "engagement", "metric": "score", "operator": "gt", "value": 10}"""

    operator: str
    wanted: tuple[Decimal, ...]

    metric = "score"

    def holds(self, world: World) -> Any:
        first, last = self.wanted[0], self.wanted[-1]
        match self.operator:
            case "gt" | "gte":
                return _over(first, world, is_strict=self.operator == "gt")
            case "lt" | "lte":
                return ~_over(first, world, is_strict=self.operator == "lte")
        return _over(first, world, is_strict=False) & ~_over(last, world, is_strict=True)

    @property
    def knows_time(self) -> bool:
        return any(wanted > 0 for wanted in self.wanted)

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        for wanted in self.wanted:
            if wanted > 0:
                yield _sunk(float(wanted), since, world)

    def sentence(self, world: World) -> str:
        wanted = self.wanted if self.operator == "between" else self.wanted[0]
        return NumberComparison(self.operator, wanted).sentence(LABELS["score"])

    def shown(self, world: World) -> Any:
        score = score_expression(world.now, world.organization.half_life, "engagement_score")
        return Subquery(_mine(world).annotate(score=score).values("score"))


def _over(wanted: Decimal, world: World, *, is_strict: bool) -> Q:
    """Whether the score now is over a number, or, where not `is_strict`, at least that."""
    if wanted < 0 or (wanted == 0 and not is_strict):
        return EVERYBODY
    if wanted == 0:
        return Q(Exists(_mine(world).filter(engagement_score__isnull=False)))
    stored = stored_threshold(float(wanted), world.now, world.organization.half_life)
    sign = "gt" if is_strict else "gte"
    return Q(Exists(_mine(world).filter(**{f"engagement_score__{sign}": stored})))


def _sunk(wanted: float, since: datetime, world: World) -> Any:
    """The ids of those whose score has sunk below a number since then."""
    half_life = world.organization.half_life
    then, now = (stored_threshold(wanted, at, half_life) for at in (since, world.now))
    rows = ContactEngagement.objects.filter(engagement_score__range=(then, now))
    return rows.values("contact_id")


@dataclass(frozen=True, slots=True)
class EngagementLevel(_Engagement):
    """{"type": "engagement", "metric": "level", "operator": "equals", "value": "cooling"}"""

    operator: str
    levels: tuple[Level, ...]

    metric = "level"

    def holds(self, world: World) -> Any:
        at = Q()
        for level in self.levels:
            at |= level_filter(
                level, world.now, world.organization.half_life, world.about("contact_id")
            )
        return ~at if self.operator.startswith("not_") else at

    @property
    def knows_time(self) -> bool:
        return True

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        for threshold in (HIGHLY, ENGAGED):
            yield _sunk(threshold, since, world)
        cooled = Q(last_engaged_at__gt=since - COOLING, last_engaged_at__lte=world.now - COOLING)
        yield ContactEngagement.objects.filter(cooled).values("contact_id")

    def sentence(self, world: World) -> str:
        verb = "is not" if self.operator.startswith("not_") else "is"
        return f"engagement {verb} {alternatives([level.label for level in self.levels])}"

    def shown(self, world: World) -> Any:
        half_life = world.organization.half_life
        at = ((level, level_filter(level, world.now, half_life)) for level in Level)
        return Case(*(When(found, then=Value(level.label)) for level, found in at))


@dataclass(frozen=True, slots=True)
class EngagementSum(_Engagement):
    """{"type": "engagement", "metric": "total_emails_opened", "operator": "gte", "value": 3}"""

    metric: str
    comparison: NumberComparison

    def holds(self, world: World) -> Any:
        test = Q(self.comparison.test(Column(self.metric), world))
        # Who has no row has 0: where that fits, those do not who have a row that does not.
        if self.comparison.fits(Decimal(0)):
            return ~Q(Exists(_mine(world).filter(~test)))
        return Q(Exists(_mine(world).filter(test)))

    def sentence(self, world: World) -> str:
        return self.comparison.sentence(LABELS[self.metric])


# What such a moment is the last of.
LAST_OF = {"last_email_opened_at": "email_opened", "last_email_clicked_at": "email_clicked"}


def _moments(metric: str, *, is_window: bool) -> tuple[Any, Column]:
    """Rows with an index in the order of a moment. Those of the events, of which the last one's is it, are more than are
    asked for: whose last event lies in a window has an event there.
    """
    if is_window and metric in LAST_OF:
        rows = ContactEvent.objects.filter(event_type=LAST_OF[metric], is_machine=False)
        return rows.filter(contact__isnull=False), Column("occurred_at", is_indexed=True)
    return ContactEngagement.objects, Column(metric, is_indexed=metric not in LAST_OF)


@dataclass(frozen=True, slots=True)
class EngagementMoment(_Engagement):
    """{"type": "engagement", "metric": "last_engaged_at", "operator": "in_last", "value": "30d"}"""

    metric: str
    comparison: MomentComparison

    def holds(self, world: World) -> Any:
        positive = MomentComparison(self.comparison.positive, self.comparison.wanted)
        found = Q(Exists(_mine(world).filter(positive.test(Column(self.metric), world))))
        return ~found if self.comparison.is_complement else found

    @property
    def knows_time(self) -> bool:
        return self.comparison.moves

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        rows, place = _moments(self.metric, is_window=not self.comparison.returns)
        yield from self.comparison.passed(place, since, world, rows=rows, column="contact_id")

    def sentence(self, world: World) -> str:
        return self.comparison.sentence(LABELS[self.metric])


def engagement_read(source: Source) -> Condition:
    source.only("metric", "operator", "value")
    metric = source.choice("metric", METRICS)
    if metric == "score":
        return _score(source)
    if metric == "level":
        return _level(source)
    if metric in SUMS:
        source.choice("operator", SUM_OPERATORS)
        return EngagementSum(metric, NumberComparison.read(source))
    return EngagementMoment(metric, MomentComparison.read(source))


def _score(source: Source) -> Score:
    source.choice("operator", SCORE_OPERATORS)
    comparison = NumberComparison.read(source)
    wanted = comparison.wanted
    return Score(comparison.operator, wanted if isinstance(wanted, tuple) else (wanted,))


def _level(source: Source) -> EngagementLevel:
    operator = source.choice("operator", LEVEL_OPERATORS)
    wanted = TextComparison.read(source).wanted
    names = wanted if isinstance(wanted, tuple) else (wanted,)
    known = [level.value for level in Level]
    for name in names:
        if name not in known:
            message = f"{name} is no level: give one of {', '.join(known)}."
            raise RuleError(source.at("value"), "unknown_choice", message)
    return EngagementLevel(operator, tuple(Level(name) for name in names))
