"""Which column holds what: proposals for people to confirm."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rapidfuzz import fuzz, process

from imports.mapping.synonyms import (
    Vocabulary,
    compact,
    is_inverted,
    normalized,
    vocabulary_of,
)
from imports.reading.header import Column
from imports.reading.shapes import Shape

_SHAPE_CONFIDENCE: Final = 0.8
_PHONE_SHAPE_CONFIDENCE: Final = 0.5
_FUZZY_CONFIDENCE: Final = 0.6
_FUZZY_CUTOFF: Final = 82
_CUSTOM_CONFIDENCE: Final = 0.3
_KEY_LENGTH: Final = 50

_FIELD_TYPES: Final[dict[Shape, str]] = {
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
    "url": "url",
}
_KINDS: Final = frozenset({"person", "company", "people", "organization", "organisation"})
_REPEATED: Final = re.compile(r" \(\d+\)\Z")

# Shapes that values of a target cannot have, whatever their header says.
_WORDS_ONLY: Final[frozenset[Shape]] = frozenset(
    {"email", "number", "date", "datetime", "boolean", "url", "phone"}
)
_ALWAYS_WORDS: Final = (
    "first_name",
    "last_name",
    "full_name",
    "company_name",
    "job_title",
    "city",
    "country",
    "language",
    "timezone",
)
_IMPOSSIBLE: Final[dict[str, frozenset[Shape]]] = {
    **dict.fromkeys(_ALWAYS_WORDS, _WORDS_ONLY),
    "email": frozenset({"number", "date", "datetime", "boolean", "url", "phone"}),
    "phone": frozenset({"email", "date", "datetime", "boolean", "url", "tags"}),
    "external_id": frozenset({"date", "datetime", "boolean", "tags"}),
    "tags": frozenset({"email", "date", "datetime", "boolean", "url", "phone"}),
    "source": frozenset({"email", "date", "datetime", "boolean", "phone"}),
}

_FLAGS: Final = frozenset({"is_subscribed", "is_active"})
# What a second column of addresses holds.
_FURTHER: Final = "further_email"
# What a column says yes in, or dates, when its header says who left.
_OPTED_OUT: Final = "opted_out"
_SAYS_WHO_LEFT: Final[frozenset[Shape]] = frozenset({"boolean", "date", "datetime"})
_KNOWN_CONFIDENCE: Final = 0.95
_OTHER_PART: Final = {"first_name": "last_name", "last_name": "first_name"}

# Beside these columns a “Name” is that of a company.
_OF_COMPANIES: Final = frozenset(
    ("annualrevenue", "accountnumber", "industry", "numberofemployees", "billingcity")
)


@dataclass(frozen=True, slots=True)
class _File:
    """The columns of a file and what its headers mean."""

    columns: Sequence[Column]
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a column may be mapped to.

    `accepted` says that it may be taken without asking; others are only shown. `target` None
    proposes to ignore the column. `type` is that of a new custom field, else None.
    """

    index: int
    target: str | None
    confidence: float
    reason: str
    accepted: bool = True
    type: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def suggest(columns: Sequence[Column]) -> list[Suggestion]:
    """Propose a target for each column, in the order of the columns; no target twice.

    Known names first, then the shape of the values, then names that are nearly known. Where two
    columns want one target, one with values goes before a blank one, then the surer, the fuller,
    the first.
    """
    file = _File(columns, vocabulary_of(column.name for column in columns))
    candidates = [(column, found) for column in columns for found in _candidates(column, file)]
    if {"first_name", "last_name"} <= {found.target for _, found in candidates if found.accepted}:
        candidates = [candidate for candidate in candidates if candidate[1].target != "full_name"]
    candidates.sort(key=lambda candidate: _rank(*candidate), reverse=True)
    chosen: dict[int, Suggestion] = {}
    taken: set[str] = set()
    for column, found in candidates:
        if column.index not in chosen and found.target not in taken:
            chosen[column.index] = found
            taken.update([found.target] if found.target else [])
    return _completed(file, chosen)


def _rank(column: Column, found: Suggestion) -> tuple[bool, bool, float, int, int]:
    has_values = column.fill_percent > 0
    return found.accepted, has_values, found.confidence, column.fill_percent, -column.index


def _completed(file: _File, chosen: dict[int, Suggestion]) -> list[Suggestion]:
    keys: set[str] = set()
    found: set[str | None] = {suggestion.target for suggestion in chosen.values()}
    return [
        chosen.get(column.index) or _otherwise(column, file, keys, found) for column in file.columns
    ]


def _candidates(column: Column, file: _File) -> Iterator[Suggestion]:
    header = _REPEATED.sub("", column.name)
    if is_inverted(header):
        return
    for propose in (_by_name, _by_shape, _by_likeness):
        found = propose(column, header, file)
        if found is not None:
            yield found


def _by_name(column: Column, header: str, file: _File) -> Suggestion | None:
    known = file.vocabulary.target_of(header)
    if known is None:
        return None
    target, confidence = known
    part = file.vocabulary.part_of_name(header)
    if part is not None:
        target = _meaning_of_name(part, file)
    if not _is_possible(target, column):
        return None
    return Suggestion(column.index, target, confidence, f"“{header}” is a known name for it.")


def _meaning_of_name(part: str, file: _File) -> str:
    """The whole one; its part beside the other part; the company's in an export of accounts."""
    known = [file.vocabulary.target_of(column.name) for column in file.columns]
    targets = {each[0] for each in known if each}
    if _OTHER_PART[part] in targets and part not in targets:
        return part
    is_account = any(compact(column.name) in _OF_COMPANIES for column in file.columns)
    return "company_name" if is_account and "company_name" not in targets else "full_name"


def _is_possible(target: str, column: Column) -> bool:
    if column.fill_percent == 0:
        return True
    if target in _FLAGS:
        return column.shape == "boolean"
    if target == "kind":
        return all(sample.lower() in _KINDS for sample in column.samples)
    return column.shape not in _IMPOSSIBLE.get(target, frozenset())


def _by_shape(column: Column, header: str, file: _File) -> Suggestion | None:
    if column.shape == "email":
        reason = "Its values are e-mail addresses."
        return Suggestion(column.index, "email", _SHAPE_CONFIDENCE, reason)
    if column.shape == "phone":
        reason = "Its values look like phone numbers."
        return Suggestion(column.index, "phone", _PHONE_SHAPE_CONFIDENCE, reason, accepted=False)
    return None


def _by_likeness(column: Column, header: str, file: _File) -> Suggestion | None:
    name = normalized(header)
    likely = file.vocabulary.likely
    match = process.extractOne(name, likely.keys(), scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF)
    if len(name) < 4 or match is None or not _is_possible(likely[match[0]], column):
        return None
    confidence = round(_FUZZY_CONFIDENCE * match[1] / 100, 2)
    reason = f"“{header}” is nearly “{match[0]}”."
    return Suggestion(column.index, likely[match[0]], confidence, reason, accepted=False)


def _otherwise(column: Column, file: _File, keys: set[str], found: set[str | None]) -> Suggestion:
    """What is left: who opted out, blank columns, whole names that are there in parts."""
    header = _REPEATED.sub("", column.name)
    known = file.vocabulary.target_of(header)
    has_rows = any(each.fill_percent for each in file.columns)
    if is_inverted(header) and _says_who_left(column):
        reason = "It says who wants no mail."
        return Suggestion(column.index, _OPTED_OUT, _KNOWN_CONFIDENCE, reason)
    if has_rows and column.fill_percent == 0:
        reason = "It has no values."
    elif column.shape == "email" and "email" in found and _FURTHER not in found:
        found.add(_FURTHER)
        reason = "The first address is in another column; by this one the contact is found too."
        return Suggestion(column.index, _FURTHER, _SHAPE_CONFIDENCE, reason, accepted=False)
    elif known and known[0] == "full_name" and {"first_name", "last_name"} <= found:
        reason = "First and last name have columns of their own."
    else:
        return _custom(column, keys)
    return Suggestion(column.index, None, _CUSTOM_CONFIDENCE, reason, accepted=False)


def _says_who_left(column: Column) -> bool:
    is_flag = set(column.samples) <= {"0", "1"}
    return is_flag or column.shape in _SAYS_WHO_LEFT or not column.fill_percent


def _custom(column: Column, keys: set[str]) -> Suggestion:
    key = _unique(custom_key(column.name, column.index), keys)
    keys.add(key)
    return Suggestion(
        column.index,
        f"custom:{key}",
        _CUSTOM_CONFIDENCE,
        "No field of a contact has this name; it can become a custom field.",
        accepted=False,
        type=_FIELD_TYPES.get(column.shape, "text"),
    )


def custom_key(name: str, index: int) -> str:
    """A key for a custom field made from a header: lower-case ASCII words joined by `_`."""
    words = normalized(name).encode("ascii", "ignore").decode().split()
    key = "_".join(words)[:_KEY_LENGTH].strip("_") or f"column_{index + 1}"
    return key if key[0].isalpha() else f"field_{key}"[:_KEY_LENGTH]


def _unique(key: str, keys: set[str]) -> str:
    candidate, count = key, 1
    while candidate in keys:
        count += 1
        candidate = f"{key[: _KEY_LENGTH - 4]}_{count}"
    return candidate
