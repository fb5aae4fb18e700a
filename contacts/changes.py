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
_handlers: list[tuple[Handler, tuple[str, ...]]] = []


def subscribe(handler: Handler, *, kinds: Sequence[str]) -> None:
    """Have `handler` called with each batch of changes whose kind begins with one of `kinds`, in order.

    It runs in the organization's scope, in a savepoint of the transaction that deletes the changes: what it writes
    and the deletion are one. When it raises, nothing of its batch stands; a change alone that makes it raise five
    times is set aside.
    """
    _handlers.append((handler, tuple(kinds)))


def publish(changes: Sequence[Change]) -> None:
    """Call every subscribed handler with its part of the changes."""
    for handler, kinds in _handlers:
        wanted = [change for change in changes if change.kind.startswith(kinds)]
        if wanted:
            handler(wanted)
