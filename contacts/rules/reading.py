"""From the JSON document of a rule to its tree, with every fault told by its place."""

from collections.abc import Mapping
from typing import Any

from contacts.cleaning.errors import shown
from contacts.rules.errors import RuleError, as_validation_error
from contacts.rules.nodes import MAX_DEPTH, MAX_NODES, All, AnyOf, Node, Not
from contacts.rules.registry import condition_kinds, reader_of
from contacts.rules.source import Source, named, words
from contacts.rules.world import World

EXPECTED = "Give {“all”: […]}, {“any”: […]}, {“not”: …} or a condition with a “type”."


def rule_read(document: Any, *, world: World, path: str = "rules") -> Node:
    """The tree of a rule. Raises ValidationError with all faults by path."""
    reader = _Reader(world, path)
    node = reader.read(document, path)
    if reader.errors or node is None:
        raise as_validation_error(reader.errors)
    return node


class _Reader:
    """One pass over a document; a fault ends its node, not the pass."""

    def __init__(self, world: World, root: str) -> None:
        self.world = world
        self.root = root
        self.errors: list[RuleError] = []
        self.count = 0

    def read(self, document: Any, path: str) -> Node | None:
        try:
            self._count(path)
            return self._node(document, path)
        except _Silent:
            return None
        except RuleError as error:
            self.errors.append(error)
            return None

    def _count(self, path: str) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            self._once(f"A rule has {MAX_NODES} groups and conditions at most.", "too_many")
        if depth(path, self.root) > MAX_DEPTH:
            raise RuleError(path, "too_deep", f"Groups are nested {MAX_DEPTH} deep at most.")

    def _once(self, message: str, code: str) -> None:
        """A fault of the whole rule, told once."""
        error = RuleError(self.root, code, message)
        if any(each.code == code and each.path == self.root for each in self.errors):
            # Its nodes need no fault of their own.
            raise _Silent(error.path, code, message)
        raise error

    def _node(self, document: Any, path: str) -> Node:
        if not isinstance(document, Mapping):
            raise RuleError(path, "wrong_type", EXPECTED)
        for word, group in (("all", All), ("any", AnyOf)):
            if word in document:
                return group(self._nodes(document, word, path))
        if "not" in document:
            _alone(document, "not", path)
            return Not(self._inner(document["not"], f"{path}.not"))
        return self._condition(document, path)

    def _nodes(self, document: Mapping[str, Any], word: str, path: str) -> tuple[Node, ...]:
        _alone(document, word, path)
        items = document[word]
        if not isinstance(items, list) or not items:
            raise RuleError(f"{path}.{word}", "wrong_type", "Give a list of at least one node.")
        read = [self.read(item, f"{path}.{word}.{number}") for number, item in enumerate(items)]
        return tuple(node for node in read if node is not None)

    def _inner(self, document: Any, path: str) -> Node:
        node = self.read(document, path)
        # Where it could not be read, its fault is kept, and nobody sees this tree.
        return All(()) if node is None else node

    def _condition(self, document: Mapping[str, Any], path: str) -> Node:
        kind = document.get("type")
        reader = reader_of(kind) if isinstance(kind, str) else None
        if kind is None:
            raise RuleError(path, "required", EXPECTED)
        if reader is None:
            known = words(condition_kinds())
            raise RuleError(
                f"{path}.type",
                "unknown_type",
                f"{shown(str(kind))} is no kind of condition: give one of {known}.",
            )
        return reader(Source(document, path, self.world, self._inner))


class _Silent(RuleError):
    """A fault that was told before."""


def _alone(document: Mapping[str, Any], word: str, path: str) -> None:
    for name in document:
        if name != word:
            raise RuleError(f"{path}.{named(name)}", "unknown_key", f"A group has only “{word}”.")


def depth(path: str, root: str) -> int:
    """How deep a node lies: one for the rule itself."""
    parts = path.removeprefix(root).split(".")
    return 1 + sum(part in ("all", "any", "not", "related") for part in parts)
