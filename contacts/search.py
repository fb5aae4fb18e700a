"""From what people type to a query of the search vector (`contacts.folding.SEARCH_VECTOR`)."""

import re
from collections.abc import Collection, Iterable

from contacts.cleaning.texts import fold_key, trim
from contacts.folding import BEGINNINGS, SEPARATORS

# Besides what separates words: what PostgreSQL can't store, so that nobody's name has it.
_BREAKS = str.maketrans(dict.fromkeys(SEPARATORS + "\0", " ")) | dict.fromkeys(
    range(0xD800, 0xE000), " "
)
_NUMBER = re.compile(r"[\d\s()+./-]{5,}\Z")


def search_query(text: str) -> str:
    """A tsquery that asks for a word beginning with each word of `text`; empty when there is none."""
    asked = _all_of(search_words(text))
    digits = _telephone_digits(text)
    return f"{_beginning(digits)} | {asked}" if digits else asked


def search_queries(text: str, common: Collection[str]) -> tuple[str, str]:
    """The same in two, both of which have to hold: for an index, and for the words that are too `common` for one."""
    if _telephone_digits(text):
        return search_query(text), ""
    words = search_words(text)
    return _all_of(each for each in words if each not in common), _all_of(
        each for each in words if each in common
    )


def only_word(text: str) -> str:
    """The word that a search asks for; blank where it asks for several, for a number, or for nothing."""
    words = [] if _telephone_digits(text) else search_words(text)
    return words[0] if len(words) == 1 else ""


def beginning_lexeme(column: str, begins: str) -> str:
    """A tsquery that asks for contacts whose `column` begins so (`BEGINNING_LENGTH` characters)."""
    return _quoted(BEGINNINGS[column] + begins)


def search_words(text: str) -> list[str]:
    """The words of a text, as the search vector has them."""
    return [word[:50] for word in fold_key(trim(text)).translate(_BREAKS).split()]


def _telephone_digits(text: str) -> str:
    """A telephone number is stored without spaces, and without the zero of its national form."""
    if not _NUMBER.match(text):
        return ""
    digits = re.sub(r"\D", "", text)
    return digits.removeprefix("00").removeprefix("0") or digits


def _all_of(words: Iterable[str]) -> str:
    return " & ".join(map(_beginning, words))


def _beginning(word: str) -> str:
    return f"{_quoted(word)}:*"


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
