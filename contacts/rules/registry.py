"""The kinds of conditions, each known by its `type`."""

from collections.abc import Callable

from contacts.rules.nodes import Condition
from contacts.rules.source import Source

Reader = Callable[[Source], Condition]
_readers: dict[str, Reader] = {}


def condition_register(kind: str, read: Reader) -> None:
    """Teach the language a kind of condition; called from AppConfig.ready(). `read` raises RuleError."""
    _readers[kind] = read


def condition_kinds() -> list[str]:
    return list(_readers)


def reader_of(kind: str) -> Reader | None:
    return _readers.get(kind)
