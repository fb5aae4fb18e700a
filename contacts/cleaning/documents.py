"""JSON that programs send along, as PostgreSQL can keep it."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from contacts.cleaning.errors import CleaningError

MAX_DOCUMENT = 32_768
# What a JSON object is in Python; the usual kind first, as asking an abstract one takes ten times as long.
OBJECT = (dict, Mapping)
_STRICT = (
    orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def clean_document(value: Any) -> bytes:
    """The JSON of an object, in UTF-8. Raises CleaningError for what can't be kept.

    The verdict is that of Python's own `json`; orjson only answers sooner.
    """
    if not isinstance(value, OBJECT):
        raise CleaningError("wrong_type", "Give an object.")
    try:
        text = orjson.dumps(value, option=_STRICT)
    except TypeError:
        text = _slowly(value)
    # orjson writes null for what is no number, and NUL so.
    if b"null" in text or b"\\u0000" in text:
        text = _slowly(value)
    if len(text) > MAX_DOCUMENT:
        raise CleaningError("too_long", f"Give {MAX_DOCUMENT:,} bytes of JSON at most.")
    return text


def _slowly(value: Any) -> bytes:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        raise CleaningError("wrong_type", "Give JSON without NaN and infinity.") from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise CleaningError("wrong_type", "Give texts without NUL.")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise CleaningError("wrong_type", "Give texts without lone surrogates.") from None
