"""What the palette finds: filled by the finders that `config` registers."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A place to go to, with a Material icon."""

    title: str
    description: str
    link: str
    icon: str


Finder = Callable[[str], list[SearchHit]]
_finders: list[Finder] = []


def finder_register(finder: Finder) -> None:
    """Ask `finder` too; called from AppConfig.ready()."""
    _finders.append(finder)


def find(*, text: str) -> list[SearchHit]:
    """What the finders find in the organization in scope."""
    return [hit for finder in _finders for hit in finder(text)]
