"""Plain text: trimmed, composed (NFC), storable; and the key that text is matched by."""

import json
import re
import unicodedata

from contacts.cleaning.errors import CleaningError, shown

# What people cannot see at either end of a cell. Joiners and direction marks are left: they carry
# meaning in Persian, Indic and right-to-left text.
INVISIBLE_EDGES = "\u200b\u2060\ufeff"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARKS = re.compile("[\u0300-\u036f]")
_ITEM = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?=[%s]|\Z)|([^%s]*)')


def clean_text(text: str, max_length: int) -> str:
    """Trim and compose a text.

    Raises CleaningError for what is too long or cannot be stored in PostgreSQL.
    """
    cleaned = text.strip()
    if not cleaned.isascii():
        cleaned = _compose(cleaned)
    if "\0" in cleaned:
        raise CleaningError("nul", f"{shown(text)} contains a NUL character; remove it.")
    if len(cleaned) > max_length:
        raise CleaningError(
            "too_long",
            f"{shown(text)} has {len(cleaned):,} characters; at most {max_length:,} fit here.",
        )
    return cleaned


def _compose(text: str) -> str:
    if _SURROGATES.search(text):
        raise CleaningError(
            "undecodable",
            f"{shown(text)} contains bytes that are not text in the file's encoding; "
            "choose another encoding or correct the cell.",
        )
    return unicodedata.normalize("NFC", trim(text)).strip()


def trim(text: str) -> str:
    """Take white space and invisible characters off both ends."""
    trimmed = text.strip()
    while trimmed and (trimmed[0] in INVISIBLE_EDGES or trimmed[-1] in INVISIBLE_EDGES):
        trimmed = trimmed.strip(INVISIBLE_EDGES).strip()
    return trimmed


def storable(text: str) -> str:
    """Replace what PostgreSQL cannot store (NUL, undecodable bytes) by U+FFFD, keeping the rest."""
    return _UNSTORABLE.sub("\ufffd", text) if not text.isascii() or "\0" in text else text


def fold_key(text: str) -> str:
    """Fold case and accents away; white space collapsed and trimmed.

    Up to the white space it equals, in PostgreSQL, `regexp_replace(normalize(lower(x collate
    "pg_unicode_fast"), NFKD), '[\\u0300-\\u036f]', '', 'g')`.
    """
    return " ".join(_folded(text).split())


def name_key(text: str) -> str:
    """A name as `contacts.name_key` keeps it: what it is sorted and found by."""
    return _folded(text).strip(" ")[:200]


def _folded(text: str) -> str:
    folded = text.lower()
    return folded if folded.isascii() else _MARKS.sub("", unicodedata.normalize("NFKD", folded))


def split_list(text: str, separators: str = ",;|") -> list[str]:
    """Split a cell that holds a list: JSON, or items (quoted or not) between separators.

    Items are trimmed, blank ones left out, repeats kept.
    """
    stripped = text.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        items = _json_strings(stripped)
        if items is not None:
            return items
    if '"' in stripped:
        return _split_quoted(stripped, separators)
    parts = re.split(f"[{re.escape(separators)}]", stripped)
    return [part for part in map(trim, parts) if part]


def _json_strings(text: str) -> list[str] | None:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str | int | float) for item in items):
        return None
    return [part for part in (trim(str(item)) for item in items) if part]


def _split_quoted(text: str, separators: str) -> list[str]:
    escaped = re.escape(separators)
    pattern = re.compile(_ITEM.pattern % (escaped, escaped))
    items: list[str] = []
    position = 0
    while position <= len(text):
        match = pattern.match(text, position)
        if match is None:
            break
        quoted, plain = match.groups()
        items.append(trim(plain if quoted is None else quoted.replace('""', '"')))
        position = match.end() + 1
    return [item for item in items if item]
