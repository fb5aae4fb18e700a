"""A rule while somebody is writing it: groups and conditions, finished or not, as the form has them.

Every node has a key of its own that stays when it is moved, so that the keyboard's focus does.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.http import QueryDict

GROUPS = {
    "all": "all of these",
    "any": "any of these",
    "none": "none of these",
    "not_all": "not all of these",
}
# Beyond this no form is shown; the language allows less.
MOST_NODES = 400


@dataclass(slots=True)
class Draft:
    """A group (`word`) with its children, or a condition with the values of its inputs."""

    key: str
    word: str = ""
    values: dict[str, list[str]] = field(default_factory=dict)
    children: list["Draft"] = field(default_factory=list)

    @property
    def is_group(self) -> bool:
        return bool(self.word)

    def value(self, name: str) -> str:
        """The first value of an input, trimmed; blank where it is not filled in."""
        return (self.values.get(name) or [""])[0].strip()

    def chosen(self, name: str) -> list[str]:
        """All values of an input that has several."""
        return [each.strip() for each in self.values.get(name, ()) if each.strip()]

    def walk(self) -> Iterator["Draft"]:
        yield self
        for child in self.children:
            yield from child.walk()


def new_key() -> str:
    return f"n{secrets.token_hex(4)}"


def group(word: str = "all", children: list[Draft] | None = None) -> Draft:
    return Draft(new_key(), word, children=children or [])


def condition(**values: str) -> Draft:
    return Draft(new_key(), values={name: [value] for name, value in values.items()})


def draft_of(form: QueryDict) -> Draft:
    """The rule as a form has it; each `node` says its key, its parent's and whether it is a group, parents first."""
    root: Draft | None = None
    by_key: dict[str, Draft] = {}
    for text in form.getlist("node")[:MOST_NODES]:
        key, parent, kind = (*text.split("|"), "", "")[:3]
        if not key.isalnum() or key in by_key:
            continue
        draft = by_key[key] = Draft(key)
        if kind == "group":
            word = form.get(f"{key}-word", "")
            draft.word = word if word in GROUPS else "all"
        else:
            draft.values = _carried(_values(form, key))
        if root is None:
            root = draft
        elif parent in by_key:
            by_key[parent].children.append(draft)
    return root if root is not None and root.is_group else group("all", [root] if root else [])


def _values(form: QueryDict, key: str) -> dict[str, list[str]]:
    start = f"{key}-"
    return {
        name.removeprefix(start): [str(value).replace("\0", "") for value in form.getlist(name)]
        for name in form
        if name.startswith(start)
    }


DURATIONS = ("in_last", "not_in_last", "in_next", "anniversary_in_next")
LISTS = ("in", "not_in")


def _carried(values: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is still meant of the values of a condition that is about something else than when it was shown, or
    compares otherwise.
    """
    about, operator = (_changed(values, name) for name in ("about", "operator"))
    if about is not None:
        return {"about": values.get("about", [])}
    if operator is not None:
        _convert(values, operator, (values.get("operator") or [""])[0])
    return values


def _changed(values: dict[str, list[str]], name: str) -> str | None:
    """With which other value an input was shown."""
    (was,) = values.pop(f"{name}-was", [""])[:1]
    return was if was and values.get(name, [""])[0] != was else None


def _convert(values: dict[str, list[str]], before: str, now: str) -> None:
    if (before in DURATIONS) != (now in DURATIONS):
        # Thirty days are no day.
        values.pop("value", None)
    elif now in LISTS and before not in LISTS:
        values.setdefault("values", values.get("value", []))
    elif before in LISTS and now not in LISTS:
        values["value"] = [line for text in values.get("values", []) for line in text.splitlines()][
            :1
        ]


def act(root: Draft, action: str) -> str:
    """Do what a button of the form says, such as `add-condition:KEY`; returns the key of what should have the focus."""
    verb, _, key = action.partition(":")
    parents = {child.key: draft for draft in root.walk() for child in draft.children}
    by_key = {draft.key: draft for draft in root.walk()}
    node = by_key.get(key)
    if node is None or verb not in _ACTIONS:
        return ""
    return _ACTIONS[verb](node, parents)


def _add_condition(node: Draft, parents: dict[str, Draft]) -> str:
    made = condition()
    node.children.append(made)
    return made.key


def _add_group(node: Draft, parents: dict[str, Draft]) -> str:
    made = condition()
    node.children.append(group("any", [made]))
    return made.key


def _remove(node: Draft, parents: dict[str, Draft]) -> str:
    parent = parents.get(node.key)
    if parent is None:
        return node.key
    place = parent.children.index(node)
    parent.children.remove(node)
    left = parent.children
    return left[min(place, len(left) - 1)].key if left else parent.key


def _up(node: Draft, parents: dict[str, Draft]) -> str:
    return _move(node, parents, -1)


def _down(node: Draft, parents: dict[str, Draft]) -> str:
    return _move(node, parents, 1)


def _move(node: Draft, parents: dict[str, Draft], step: int) -> str:
    """Past the neighbour, into the group that the neighbour is, or, at the end of a group, out of it."""
    parent = parents.get(node.key)
    if parent is None:
        return node.key
    siblings, place = parent.children, parent.children.index(node)
    neighbour = siblings[place + step] if 0 <= place + step < len(siblings) else None
    if neighbour is not None and neighbour.is_group:
        siblings.remove(node)
        neighbour.children.insert(0 if step > 0 else len(neighbour.children), node)
    elif neighbour is not None:
        siblings[place], siblings[place + step] = neighbour, node
    elif (outer := parents.get(parent.key)) is not None and outer.is_group:
        siblings.remove(node)
        outer.children.insert(outer.children.index(parent) + (1 if step > 0 else 0), node)
    return node.key


_ACTIONS = {
    "add-condition": _add_condition,
    "add-group": _add_group,
    "remove": _remove,
    "up": _up,
    "down": _down,
}
