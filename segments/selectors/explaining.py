"""Why a contact is in a segment, or is not: the rule's tree, each node with its truth and the value that it looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, Case, OuterRef, Subquery, Value, When
from django.utils import timezone

from contacts.models import Contact
from contacts.rules.compiler import holds
from contacts.rules.nodes import All, AnyOf, Condition, Node, Not, conditions
from contacts.rules.world import World
from segments.models import Segment, SegmentMembership, SegmentPin
from segments.selectors.wanted import rule_of


@dataclass(frozen=True, slots=True)
class Explained:
    """A node of a rule as it is for one contact. `document` is what was written; groups have `children`."""

    document: Mapping[str, Any]
    word: str
    result: bool
    sentence: str = ""
    value: Any = None
    has_value: bool = False
    children: tuple["Explained", ...] = ()

    def as_document(self) -> dict[str, Any]:
        """The rule as it was written, with `result` at each node, and `actual` and `sentence` at each condition."""
        if self.word == "not":
            return {"not": self.children[0].as_document(), "result": self.result}
        if self.word in ("all", "any"):
            inner = [child.as_document() for child in self.children]
            return {self.word: inner, "result": self.result}
        told = {"result": self.result, "actual": self.value, "sentence": self.sentence}
        return dict(self.document) | told


@dataclass(frozen=True, slots=True)
class Explanation:
    """A contact and a segment: whether the rule holds, whether they are pinned (None: no), and since when they are in."""

    holds: bool
    pin: bool | None
    member_since: datetime | None
    tree: Explained | None
    now: datetime


def explain(*, segment: Segment, contact_id: int, now: datetime | None = None) -> Explanation:
    """Explain a segment for a contact. One query (and those of `World`). Raises ValidationError for unreadable rules,
    Contact.DoesNotExist.
    """
    world = World(now or timezone.now()).of([contact_id])
    node = rule_of(segment, world)
    mine = {"segment": segment, "contact": OuterRef("pk")}
    row = (
        Contact.objects.filter(pk=contact_id)
        .annotate(
            pin=Subquery(SegmentPin.objects.filter(**mine).values("is_in")),
            since=Subquery(SegmentMembership.objects.filter(**mine).values("added_at")),
            **(_asked(node, world) if node else {}),
        )
        .values()
        .get()
    )
    tree = _explained(node, segment.rules, _Answers(row, world)) if node else None
    return Explanation(bool(tree and tree.result), row["pin"], row["since"], tree, world.now)


def rule_explained(
    *, node: Node, document: Mapping[str, Any], contact_id: int, world: World
) -> Explained:
    """The same of a rule that is no segment's yet. One query. Raises Contact.DoesNotExist."""
    world = world.of([contact_id])
    row = Contact.objects.filter(pk=contact_id).annotate(**_asked(node, world)).values().get()
    return _explained(node, document, _Answers(row, world))


def _asked(node: Node, world: World) -> dict[str, Any]:
    """For each condition its truth, `t0`, and the value that it looks at, `v0`."""
    asked: dict[str, Any] = {}
    for number, condition in enumerate(conditions(node)):
        truth = When(holds(condition, world), then=Value(True))
        asked[f"t{number}"] = Case(truth, default=Value(False), output_field=BooleanField())
        value = condition.shown(world)
        if value is not None:
            asked[f"v{number}"] = value
    return asked


class _Answers:
    """The row of answers, taken one by one in the order of the conditions."""

    def __init__(self, row: Mapping[str, Any], world: World) -> None:
        self.world = world
        self._row = row
        self._numbers = iter(range(len(row)))

    def next(self) -> tuple[bool, Any]:
        number = next(self._numbers)
        return self._row[f"t{number}"], _plain(self._row.get(f"v{number}"))


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _explained(node: Node, document: Any, answers: _Answers) -> Explained:
    match node:
        case Condition():
            result, value = answers.next()
            said, has_value = node.sentence(answers.world), node.shown(answers.world) is not None
            return Explained(document, "", result, said, value, has_value)
        case Not():
            inner = _explained(node.node, document["not"], answers)
            return Explained(document, "not", not inner.result, children=(inner,))
        case All():
            inners = tuple(_inner(node.nodes, document["all"], answers))
            return Explained(document, "all", all(i.result for i in inners), children=inners)
        case AnyOf():
            inners = tuple(_inner(node.nodes, document["any"], answers))
            return Explained(document, "any", any(i.result for i in inners), children=inners)


def _inner(nodes: tuple[Node, ...], documents: Any, answers: _Answers) -> Iterator[Explained]:
    for node, document in zip(nodes, documents, strict=True):
        yield _explained(node, document, answers)
