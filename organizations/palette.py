"""What the palette finds and begins: filled with the finders and the actions that `config` registers."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from organizations.roles import Role


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A place to go to, with a Material icon."""

    title: str
    description: str
    link: str
    icon: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something to begin, on the page of a named URL, for members with (at least) a role."""

    title: str
    page: str
    needed: Role
    icon: str = "add"

    def is_meant_by(self, text: str) -> bool:
        """Whether each word of a text begins one of the title."""
        words = self.title.casefold().split()
        return all(
            any(word.startswith(begun) for word in words) for begun in text.casefold().split()
        )


Finder = Callable[[str], list[SearchHit]]
_finders: list[Finder] = []
_actions: list[Action] = []


def finder_register(finder: Finder) -> None:
    """Ask `finder` too; called from AppConfig.ready()."""
    _finders.append(finder)


def action_register(action: Action) -> None:
    """Offer `action` too, behind those that are there; called from AppConfig.ready()."""
    _actions.append(action)


def find_actions(*, text: str, role: Role) -> list[SearchHit]:
    """What a member of a role may begin, and a text means. No queries."""
    return [
        SearchHit(each.title, "Action", reverse(each.page), each.icon)
        for each in _actions
        if role.covers(each.needed) and each.is_meant_by(text)
    ]


def find(*, text: str) -> list[SearchHit]:
    """What the finders find in the organization in scope."""
    return [hit for finder in _finders for hit in finder(text)]
