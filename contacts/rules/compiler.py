"""From the tree of a rule to a filter of contacts.

Negation is pushed down to the conditions, so that PostgreSQL sees plain `and`, `or`, `exists` and `not exists`, which
it can join; a condition of unknown value is false, and its complement true.
"""

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q

from contacts.models import Contact
from contacts.rules.nodes import All, AnyOf, Condition, Node, Not
from contacts.rules.world import World


def holds(node: Node, world: World) -> Q:
    """Whether a rule holds of a contact, as a filter of a queryset of contacts."""
    match node:
        case All():
            return reduce(and_, (holds(each, world) for each in node.nodes), Q())
        case AnyOf():
            return _any(holds(each, world) for each in node.nodes)
        case Not():
            return fails(node.node, world)
        case Condition():
            return Q(node.holds(world))


def fails(node: Node, world: World) -> Q:
    """The exact complement of `holds`."""
    match node:
        case All():
            return _any(fails(each, world) for each in node.nodes)
        case AnyOf():
            return reduce(and_, (fails(each, world) for each in node.nodes), Q())
        case Not():
            return holds(node.node, world)
        case Condition():
            return Q(node.fails(world))


def _any(parts: Any) -> Q:
    return reduce(or_, parts)


def contacts_of(node: Node, world: World) -> Any:
    """The living contacts of whom a rule holds, out of those in question (`world.among`)."""
    return Contact.objects.filter(world.about("pk")).filter(holds(node, world))


def depends_on(node: Node, world: World) -> frozenset[Any]:
    """The changes that can flip a rule."""
    from contacts.rules.nodes import conditions

    return frozenset(each for one in conditions(node) for each in one.depends_on(world))
