"""The engagement score: a sum of weights that decays, kept so that its order never changes as time passes.

Forward decay (G. Cormode, V. Shkapenyuk, D. Srivastava, B. Xu: Forward Decay, ICDE 2009): an event adds
weight × 2^((occurred_at − epoch) / half-life), and the logarithm of the sum is stored, which grows slowly. The score that
people see is 2^(stored − (now − epoch) / half-life).
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Case, Exists, F, FloatField, OuterRef, Q, Value, When
from django.db.models.functions import Greatest, Power

from contacts.models import ContactEngagement
from contacts.models.event import (
    EMAIL_BOUNCED,
    EMAIL_CLICKED,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_SENT,
    FORM_SUBMITTED,
    PAGE_VISITED,
)
from organizations.models import Organization

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
WEIGHTS: Mapping[str, float] = {
    EMAIL_SENT: 0,
    EMAIL_DELIVERED: 0,
    EMAIL_BOUNCED: 0,
    EMAIL_OPENED: 1,
    EMAIL_CLICKED: 3,
    FORM_SUBMITTED: 5,
    PAGE_VISITED: 1,
    "email_complained": 0,
    "email_unsubscribed": 0,
    "unsubscribed": 0,
}
# Of events that have no weight of their own.
OTHER_WEIGHT = 1.0
HIGHLY, ENGAGED = 10.0, 3.0
# The least power of two that is looked at, below which a score is as good as none.
SMALLEST = -1000.0
# How long somebody is cooling down before they count as inactive.
COOLING = timedelta(days=90)


class Level(StrEnum):
    """How engaged a contact is now: by score, and below that by when they were engaged last."""

    HIGHLY_ENGAGED = "highly_engaged"
    ENGAGED = "engaged"
    COOLING = "cooling"
    INACTIVE = "inactive"
    NEVER = "never"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ")


def weights_of(own: Mapping[str, Any]) -> dict[str, float]:
    """The weights of an organization: its own before the usual ones."""
    return {**WEIGHTS, **{name: float(weight) for name, weight in own.items()}}


def decay(at: datetime, half_life: timedelta) -> float:
    """Half-lives between the epoch and a moment: what the passing of time takes off a stored score."""
    return (at - EPOCH) / half_life


def score_at(stored: float | None, now: datetime, half_life: timedelta) -> float:
    """The score that people see; 0 for who never did anything."""
    return 0.0 if stored is None else 2 ** (stored - decay(now, half_life))


def stored_threshold(score: float, now: datetime, half_life: timedelta) -> float:
    """The stored score that stands for a positive score now."""
    return math.log2(score) + decay(now, half_life)


def score_expression(now: datetime, half_life: timedelta, stored: str) -> Any:
    """The score that people see, of the column of a queryset; NULL for who never did anything."""
    passed = F(stored) - Value(decay(now, half_life), FloatField())
    # PostgreSQL refuses a power that is too small for a double, where it could say 0.
    exponent = Greatest(passed, Value(SMALLEST, FloatField()))
    return Case(
        When(**{f"{stored}__isnull": True}, then=None),
        default=Power(Value(2.0, FloatField()), exponent),
        output_field=FloatField(),
    )


def level_of(
    stored: float | None, last_engaged_at: datetime | None, now: datetime, half_life: timedelta
) -> Level:
    """The level of one contact."""
    if last_engaged_at is None or stored is None:
        return Level.NEVER
    score = score_at(stored, now, half_life)
    if score >= ENGAGED:
        return Level.HIGHLY_ENGAGED if score >= HIGHLY else Level.ENGAGED
    return Level.COOLING if last_engaged_at > now - COOLING else Level.INACTIVE


def level_filter(level: Level, now: datetime, half_life: timedelta, about: Q | None = None) -> Q:
    """Whether contacts are at a level, as a filter of a queryset of contacts; `about` narrows the rows of engagement to
    those of the contacts in question.
    """
    rows = ContactEngagement.objects.filter(about or Q(), contact=OuterRef("pk"))
    if level == Level.NEVER:
        return ~Q(Exists(rows.filter(last_engaged_at__isnull=False)))
    return Q(Exists(rows.filter(_level_row(level, now, half_life))))


def _level_row(level: Level, now: datetime, half_life: timedelta) -> Q:
    highly, engaged = (stored_threshold(each, now, half_life) for each in (HIGHLY, ENGAGED))
    recent = Q(last_engaged_at__gt=now - COOLING)
    match level:
        case Level.HIGHLY_ENGAGED:
            return Q(engagement_score__gte=highly)
        case Level.ENGAGED:
            return Q(engagement_score__gte=engaged, engagement_score__lt=highly)
        case Level.COOLING:
            return Q(engagement_score__lt=engaged) & recent
    return Q(engagement_score__lt=engaged, last_engaged_at__lte=now - COOLING)


def weighing(organization: Organization) -> Callable[[str, datetime], float | None]:
    """What tells the logarithm (base 2) of what an event adds to the stored score; None for nothing."""
    weights, half_life = (
        weights_of(organization.engagement_in_force["weights"]),
        organization.half_life,
    )
    logarithms = {name: _logarithm(weight) for name, weight in weights.items()}
    other = _logarithm(OTHER_WEIGHT)

    def weigh(event_type: str, at: datetime) -> float | None:
        logarithm = logarithms.get(event_type, other)
        return None if logarithm is None else logarithm + decay(at, half_life)

    return weigh


def _logarithm(weight: float) -> float | None:
    return math.log2(weight) if weight > 0 else None
