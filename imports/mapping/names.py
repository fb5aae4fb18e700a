"""Whole names, taken apart."""

from typing import Final

_HONORIFICS: Final = frozenset(
    (
        *(
            "mr",
            "mrs",
            "ms",
            "miss",
            "mx",
            "dr",
            "prof",
            "sir",
            "madam",
            "herr",
            "frau",
            "fräulein",
        ),
        *("mme", "mlle", "monsieur", "madame", "mademoiselle", "señor", "señora", "señorita"),
        *("sr", "sra", "srta", "dra", "senhor", "senhora", "sig", "sig.ra", "signor", "signora"),
        *("dott", "dott.ssa", "dhr", "mevr", "mevrouw", "drs"),
    )
)
_SUFFIXES: Final = frozenset(
    ("jr", "sr", "ii", "iii", "iv", "phd", "md", "esq", "mba", "dds", "jd", "cpa")
)
_PARTICLES: Final = frozenset(
    (
        *("van", "von", "vom", "zu", "zum", "zur", "der", "den", "ter", "ten", "te", "'t"),
        *("de", "del", "della", "delle", "degli", "dei", "di", "da", "das", "dos", "do", "du"),
        *("des", "la", "le", "lo", "af", "av", "el", "al", "bin", "ibn", "bint", "ben", "abu"),
        *("san", "santa"),
    )
)


def split_full_name(text: str) -> tuple[str, str]:
    """Return (first name, last name) of a person; either may be blank.

    “Last, First” is turned round, particles (van, de la, von der) go with the last name, a single
    word is the first name. Honorifics are left off. It is a guess: names follow no rules.
    """
    head, comma, tail = (part.strip() for part in " ".join(text.split()).partition(","))
    if comma and tail and not _is_suffix(tail.split()[0]):
        return _without_honorifics(tail), _without_honorifics(head)
    words = _without_honorifics(head).split()
    suffix = f", {tail}" if comma and tail else ""
    if len(words) < 2:
        return " ".join(words), suffix.lstrip(", ")
    border = _border(words)
    return " ".join(words[:border]), " ".join(words[border:]) + suffix


def _border(words: list[str]) -> int:
    """Where the last name begins."""
    for index in range(1, len(words) - 1):
        if words[index].lower() in _PARTICLES:
            return index
    return len(words) - (2 if len(words) > 2 and _is_suffix(words[-1]) else 1)


def _is_suffix(word: str) -> bool:
    return word.lower().replace(".", "").rstrip(",") in _SUFFIXES


def _without_honorifics(text: str) -> str:
    words = text.split()
    while len(words) > 1 and words[0].lower().rstrip(".") in _HONORIFICS:
        words = words[1:]
    return " ".join(words)
