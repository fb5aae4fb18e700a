"""The tree of a rule: groups and conditions, frozen."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Exists
from django.db.models.expressions import NegatedExpression

from contacts.rules.expressions import IsNotTrue
from contacts.rules.world import World

MAX_DEPTH = 8
MAX_NODES = 200


@dataclass(frozen=True, slots=True)
class Dependency:
    """A kind of change of the feed (`contacts.changes`) that can flip a condition; `kind` is how it begins.

    With `references` only changes that name one of them. `hops`: of whom, a contact to whom the one in question is
    related by so many relationships.
    """

    kind: str
    references: frozenset[int] | None = None
    hops: int = 0


class Condition(ABC):
    """One question about a contact. Frozen; what it knows of the organization comes with each call (`World`)."""

    kind: ClassVar[str]

    @abstractmethod
    def holds(self, world: World) -> Any:
        """A boolean expression over a queryset of contacts; NULL counts as false."""

    def fails(self, world: World) -> Any:
        """The exact complement of `holds`."""
        held = self.holds(world)
        is_known = isinstance(held, Exists | NegatedExpression)
        return ~held if is_known else IsNotTrue(held)

    @abstractmethod
    def depends_on(self, world: World) -> Iterable[Dependency]:
        """The changes that can flip it."""

    def passed(self, since: datetime, world: World) -> Iterable[Any]:
        """Querysets of the ids of those for whom it may have flipped in (since, world.now] by the passing of time."""
        return ()

    @property
    def knows_time(self) -> bool:
        """Whether the passing of time alone can flip it."""
        return False

    @abstractmethod
    def sentence(self, world: World) -> str:
        """A clause in plain English, such as `city is Oslo`."""

    def shown(self, world: World) -> Any:
        """An expression of the value that it looks at, or None."""
        return None

    def timed_fields(self) -> Iterable[str]:
        """The custom fields whose values time passes over: an index finds whose turn it is."""
        return ()

    def segments(self) -> Iterable[int]:
        """The segments that it looks at."""
        return ()


@dataclass(frozen=True, slots=True)
class All:
    """Every one of the nodes holds."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the nodes holds."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The node does not hold."""

    node: "Node"


type Node = All | AnyOf | Not | Condition


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case All() | AnyOf():
            return node.nodes
        case Not():
            return (node.node,)
    return ()


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition of a rule, in order of the document."""
    if isinstance(node, Condition):
        yield node
    for child in children(node):
        yield from conditions(child)


def knows_time(node: Node) -> bool:
    return any(each.knows_time for each in conditions(node))


def segments_of(node: Node) -> set[int]:
    """The segments that a rule looks at."""
    return {segment for each in conditions(node) for segment in each.segments()}
