"""The document of a rule, read piece by piece; each fault knows its place."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contacts.cleaning.errors import shown
from contacts.rules.errors import RuleError
from contacts.rules.world import World

MAX_TEXT = 1000
MAX_VALUES = 1000
NUMBER = "Give a number here, without quotes."


@dataclass(frozen=True, slots=True)
class Source:
    """An object of the document, where it lies, and what reads the nodes in it."""

    document: Mapping[str, Any]
    path: str
    world: World
    read_node: Callable[[Any, str], Any]

    def at(self, name: str) -> str:
        return f"{self.path}.{name}"

    def only(self, *names: str) -> None:
        """Refuse names that mean nothing here."""
        for name in self.document:
            if name not in (*names, "type"):
                listed = ", ".join(names)
                path = self.at(named(name))
                raise RuleError(path, "unknown_key", f"Give only {listed} here.")

    def has(self, name: str) -> bool:
        return self.document.get(name) is not None

    def raw(self, name: str) -> Any:
        """A value that has to be there."""
        if name not in self.document:
            raise RuleError(self.at(name), "required", f"Give “{name}” here.")
        return self.document[name]

    def text(self, name: str) -> str:
        return text_of(self.raw(name), self.at(name))

    def choice(self, name: str, known: Iterable[str], what: str = "") -> str:
        """One of some words; the fault lists them."""
        value = self.raw(name)
        listed = list(known)
        if isinstance(value, str) and value in listed:
            return value
        raise RuleError(
            self.at(name),
            "unknown_choice",
            f"{shown(str(value))} is no {what or name}: give one of {words(listed)}.",
        )

    def boolean(self, name: str) -> bool:
        value = self.raw(name)
        if not isinstance(value, bool):
            raise RuleError(self.at(name), "wrong_type", "Give true or false.")
        return value

    def integer(self, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
        value = self.raw(name)
        is_fit = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        if not is_fit:
            raise RuleError(
                self.at(name), "wrong_type", f"Give a whole number from {least} to {most}."
            )
        return int(value)

    def inner(self, name: str) -> "Source":
        """An object below this one."""
        value = self.raw(name)
        if not isinstance(value, Mapping):
            raise RuleError(self.at(name), "wrong_type", "Give an object here.")
        return Source(value, self.at(name), self.world, self.read_node)

    def listed(self, name: str, *, most: int = MAX_VALUES) -> list[tuple[Any, str]]:
        """The items of a list that is not empty, each with its place."""
        value = self.raw(name)
        if not isinstance(value, list) or not value:
            raise RuleError(self.at(name), "wrong_type", "Give a list of at least one value.")
        if len(value) > most:
            raise RuleError(self.at(name), "too_many", f"Give {most:,} values at most.")
        return [(item, f"{self.at(name)}.{number}") for number, item in enumerate(value)]

    def node(self, name: str) -> Any:
        return self.read_node(self.raw(name), self.at(name))


def text_of(value: Any, path: str) -> str:
    """A text that is not blank. Raises RuleError."""
    if not isinstance(value, str) or not value.strip():
        raise RuleError(path, "wrong_type", "Give a text here.")
    if len(value) > MAX_TEXT:
        raise RuleError(path, "too_long", f"Give {MAX_TEXT:,} characters at most.")
    if "\0" in value or (not value.isascii() and _has_surrogates(value)):
        raise RuleError(path, "wrong_type", "Give a text without NUL and lone surrogates.")
    return value


def _has_surrogates(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


MOST_DIGITS = 30


def number_of(value: Any, path: str) -> Decimal:
    """A number of JSON. Raises RuleError."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        if number.is_finite():
            if abs(number.adjusted()) <= MOST_DIGITS:
                return number
            message = f"Give a number of {MOST_DIGITS} digits at most, before and behind the point."
            raise RuleError(path, "too_long", message)
    raise RuleError(path, "wrong_type", NUMBER)


def named(name: str) -> str:
    """A name that somebody else made up, as a part of a place."""
    return shown(name)[1:-1]


def words(listed: Collection[str], most: int = 20) -> str:
    """A list for people, cut where it gets too long."""
    names = list(listed)
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "none") + rest
