"""From what people type to a query of the search vector (`contacts.folding.SEARCH_VECTOR`)."""

import re

from contacts.cleaning.texts import fold_key
from contacts.folding import SEPARATORS

_BREAKS = str.maketrans(dict.fromkeys(SEPARATORS, " "))
_NUMBER = re.compile(r"[\d\s()+./-]{5,}\Z")


def search_query(text: str) -> str:
    """A tsquery that asks for a word beginning with each word of `text`; empty when there is none."""
    return " & ".join(f"'{_quoted(word)}':*" for word in _words(text))


def _words(text: str) -> list[str]:
    if _NUMBER.match(text):
        # A telephone number is stored without spaces, and without the zero of its national form.
        digits = re.sub(r"\D", "", text)
        return [digits.removeprefix("00").removeprefix("0") or digits]
    return [word[:50] for word in fold_key(text).translate(_BREAKS).split()]


def _quoted(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''").replace("\0", "")
