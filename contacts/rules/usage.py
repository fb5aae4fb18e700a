"""Who uses the words that rules are made of: a field, a tag, a kind of mail, a kind of relation.

A kind of word is the `type` of the conditions that have it. Whoever keeps rules registers what finds and renames words
in them.
"""

from collections.abc import Callable

from django.core.exceptions import ValidationError

Finder = Callable[[str, str], list[str]]
Renamer = Callable[[str, str, str], None]
Toucher = Callable[[str, str], None]
_finders: list[Finder] = []
_renamers: list[Renamer] = []
_touchers: list[Toucher] = []


def words_register(finder: Finder, renamer: Renamer, toucher: Toucher) -> None:
    """Let an upper floor say which of its things (by name) have a word in their rules, rename it there, and compute anew
    where it means something else now; called from AppConfig.ready().
    """
    _finders.append(finder)
    _renamers.append(renamer)
    _touchers.append(toucher)


def word_users(kind: str, word: str) -> list[str]:
    """The names of whatever has a word in its rules."""
    return [name for finder in _finders for name in finder(kind, word)]


def require_unused(kind: str, word: str, what: str) -> None:
    """Refuse to let a word go that rules have. Raises ValidationError, naming who uses it."""
    users = word_users(kind, word)
    if users:
        listed = ", ".join(users[:5])
        message = f"The rules of {listed} use {what}. Change those first."
        raise ValidationError(message, code="in_use")


def word_rename(kind: str, old: str, new: str) -> None:
    """Have a word renamed in all rules: they mean the same as before."""
    for renamer in _renamers:
        renamer(kind, old, new)


def word_touch(kind: str, word: str) -> None:
    """Have whatever has a word in its rules computed anew: it means something else now."""
    for toucher in _touchers:
        toucher(kind, word)
