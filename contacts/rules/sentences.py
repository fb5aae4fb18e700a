"""A rule in plain English."""

from contacts.rules.nodes import All, AnyOf, Condition, Node, Not
from contacts.rules.world import World


def sentence_of(node: Node, world: World) -> str:
    """One sentence: `City is Oslo and (has the tag VIP or opened an e-mail in the last 30 days)`."""
    clause = clause_of(node, world)
    return clause[:1].upper() + clause[1:]


def clause_of(node: Node, world: World, *, is_inside: bool = False) -> str:
    """The words of a node; a group inside of another one is in brackets."""
    match node:
        case Condition():
            return node.sentence(world)
        case Not():
            return f"not ({clause_of(node.node, world)})"
        case All() | AnyOf() if len(node.nodes) == 1:
            return clause_of(node.nodes[0], world, is_inside=is_inside)
        case All():
            joined = " and ".join(clause_of(each, world, is_inside=True) for each in node.nodes)
        case AnyOf():
            joined = " or ".join(clause_of(each, world, is_inside=True) for each in node.nodes)
    return f"({joined})" if is_inside else joined


def alternatives(values: list[str]) -> str:
    """`Oslo`, `Oslo or Bergen`, `Oslo, Bergen or Tromsø`; a long list is cut."""
    shown = values if len(values) <= 5 else [*values[:4], f"{len(values) - 4} others"]
    if len(shown) == 1:
        return shown[0]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"
