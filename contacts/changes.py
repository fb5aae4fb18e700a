"""The feed of facts about contacts that upper floors subscribe to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One fact: `kind` such as created, deleted, restored, attribute:city, custom:age, tag_added (reference: the tag)."""

    id: int
    contact_id: int
    kind: str
    reference: int | None


Handler = Callable[[Sequence[Change]], None]
# Each with how the kinds begin that it wants, and how those begin that it does not.
_handlers: list[tuple[Handler, tuple[str, ...], tuple[str, ...]]] = []


def subscribe(handler: Handler, *, kinds: Sequence[str], but: Sequence[str] = ()) -> None:
    """Have `handler` called with each batch of changes whose kind begins with one of `kinds`, and with none of `but`, in
    order.

    It runs in the organization's scope, in a savepoint of the transaction that deletes the changes: what it writes
    and the deletion are one. When it raises, nothing of its batch stands; a change alone that makes it raise five
    times is set aside.
    """
    _handlers.append((handler, tuple(kinds), tuple(but)))


def publish(changes: Sequence[Change]) -> None:
    """Call every subscribed handler with its part of the changes."""
    for handler, kinds, but in _handlers:
        wanted = [change for change in changes if _is_wanted(change.kind, kinds, but)]
        if wanted:
            handler(wanted)


def is_heard(kind: str) -> bool:
    """Whether anybody has subscribed to a kind of changes: where nobody has, very many need not be written."""
    return any(_is_wanted(kind, kinds, but) for _, kinds, but in _handlers)


def _is_wanted(kind: str, kinds: tuple[str, ...], but: tuple[str, ...]) -> bool:
    return kind.startswith(kinds) and not kind.startswith(but)
