"""Values of custom fields: typed JSON, from text (files, forms) or from JSON (API)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from typing import Literal, cast, get_args

from contacts.cleaning.booleans import clean_boolean
from contacts.cleaning.dates import clean_date, clean_datetime
from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.numbers import clean_json_number, clean_number
from contacts.cleaning.texts import clean_text, split_list, trim
from contacts.cleaning.urls import clean_url

FieldType = Literal[
    "text", "number", "date", "datetime", "boolean", "choice", "multi_choice", "url"
]
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)

JsonValue = str | int | float | bool | list[str] | None
Cleaner = Callable[[object], JsonValue]

MAX_TEXT = 10_000
_SHOWN_CHOICES = 10
_WHITE_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reading:
    """How text is meant: the conventions of one file or organization."""

    day_first: bool | None = None
    decimal_comma: bool = False
    tz: tzinfo = UTC
    max_text: int = MAX_TEXT


def clean_value(
    type: str, choices: Sequence[str], value: object, reading: Reading | None = None
) -> JsonValue:
    """Return the typed JSON value of a field, or None for a blank one. Raises CleaningError."""
    return value_cleaner(type, choices, reading)(value)


def value_cleaner(
    type: str, choices: Sequence[str] = (), reading: Reading | None = None
) -> Cleaner:
    """Make the cleaner of one field once, for the many cells of a column."""
    reading = reading or Reading()
    match cast(FieldType, type):
        case "text":
            return partial(_text, max_text=reading.max_text)
        case "number":
            return partial(_number, decimal_comma=reading.decimal_comma)
        case "date":
            return partial(
                _from_text,
                expected="a date",
                clean=partial(clean_date, day_first=reading.day_first),
            )
        case "datetime":
            clean = partial(clean_datetime, tz=reading.tz, day_first=reading.day_first)
            return partial(_from_text, expected="a date and time", clean=clean)
        case "boolean":
            return _boolean
        case "choice":
            return partial(_choice, spellings=_spellings(choices))
        case "multi_choice":
            return partial(_multi_choice, spellings=_spellings(choices))
        case "url":
            return partial(_from_text, expected="a web address", clean=clean_url)
        case _:
            raise ValueError(f"Unknown custom field type {type!r}.")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not trim(value))


def _text(value: object, *, max_text: int) -> JsonValue:
    if isinstance(value, str):
        return clean_text(value, max_text) or None
    if value is None:
        return None
    raise _wrong_type(value, "text")


def _from_text(value: object, *, expected: str, clean: Callable[[str], str]) -> JsonValue:
    if _is_blank(value):
        return None
    if isinstance(value, str):
        return clean(value)
    raise _wrong_type(value, f"{expected} as text")


def _number(value: object, *, decimal_comma: bool) -> JsonValue:
    if _is_blank(value):
        return None
    if isinstance(value, str):
        return clean_number(value, decimal_comma)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return clean_json_number(value)
    raise _wrong_type(value, "a number")


def _boolean(value: object) -> JsonValue:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return None if _is_blank(value) else clean_boolean(value)
    raise _wrong_type(value, "true or false")


@dataclass(frozen=True, slots=True)
class _Spellings:
    """The defined choices, found without regard to case and white space."""

    defined: tuple[str, ...]
    by_key: dict[str, str]

    def find(self, text: str) -> str | None:
        return self.by_key.get(text) or self.by_key.get(choice_key(text))


def choice_key(text: str) -> str:
    """What choices are told apart by: neither case nor white space."""
    return _WHITE_SPACE.sub(" ", trim(text)).casefold()


def _spellings(choices: Sequence[str]) -> _Spellings:
    by_key: dict[str, str] = {}
    for choice in choices:
        by_key.setdefault(choice_key(choice), choice)
    return _Spellings(tuple(choices), by_key | {choice: choice for choice in choices})


def _choice(value: object, *, spellings: _Spellings) -> JsonValue:
    if _is_blank(value):
        return None
    if not isinstance(value, str):
        raise _wrong_type(value, "one of the choices as text")
    return _found(value, spellings)


def _found(text: str, spellings: _Spellings) -> str:
    choice = spellings.find(text)
    if choice is None:
        raise _unknown(text, spellings)
    return choice


def _unknown(text: str, spellings: _Spellings) -> CleaningError:
    listed = ", ".join(shown(choice) for choice in spellings.defined[:_SHOWN_CHOICES])
    more = len(spellings.defined) - _SHOWN_CHOICES
    rest = f" and {more} more" if more > 0 else ""
    return CleaningError(
        "unknown_choice", f"{shown(text)} is not one of the choices: {listed or 'none'}{rest}."
    )


def _multi_choice(value: object, *, spellings: _Spellings) -> JsonValue:
    if _is_blank(value):
        return None
    chosen = set(_listed(value, spellings))
    return [choice for choice in dict.fromkeys(spellings.defined) if choice in chosen] or None


def _listed(value: object, spellings: _Spellings) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [_found(item, spellings) for item in value if not _is_blank(item)]
    if not isinstance(value, str):
        raise _wrong_type(value, "a list of choices")
    whole = spellings.find(value)
    if whole is not None:
        return [whole]
    return _split_choices(value, spellings)


def _split_choices(text: str, spellings: _Spellings) -> list[str]:
    """Split at `,` `;` `|`, but leave commas alone where the choices have them."""
    items = split_list(text)
    if any(spellings.find(item) is None for item in items):
        without_commas = split_list(text, ";|")
        if all(spellings.find(item) is not None for item in without_commas):
            items = without_commas
    return [_found(item, spellings) for item in items]


def _wrong_type(value: object, expected: str) -> CleaningError:
    return CleaningError("wrong_type", f"{shown(value)} is not {expected}.")
