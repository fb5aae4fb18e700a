"""What values look like, told without knowing what they mean."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Literal

from contacts.cleaning.booleans import clean_boolean
from contacts.cleaning.dates import clean_date
from contacts.cleaning.emails import clean_email
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.numbers import clean_number
from contacts.cleaning.urls import clean_url

Shape = Literal["email", "phone", "number", "date", "datetime", "boolean", "url", "tags", "text"]

# A column has a shape when this share of its values has it.
_SHARE = 0.8
_VALUES_LOOKED_AT = 100
# Longer values are prose, whatever is in them.
_LONGEST = 500
# So many zeros and ones, and nothing else, are flags rather than numbers.
_FLAGS = 4

_MAYBE_DATE = re.compile(r"(?=.{6,40}\Z)(?=.*\d)[\w.,]+[-/.\s].*\d", re.ASCII)
_TIME = re.compile(r"\d:\d\d")
_PHONE = re.compile(
    r"(?:\+|00)[1-9][\d\s()./-]{6,18}\Z|[(\d](?=[^\s()./-]*[\s()./-])[\d\s()./-]{6,18}\Z"
)
_IP_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z", re.ASCII)
_LEADING_ZERO = re.compile(r"[+-]?0\d")
_LIST = re.compile(r"[^,;|]{1,40}(?:[,;|][^,;|]{1,40})+\Z")


def shape_of(value: str) -> Shape:
    """The shape of one trimmed, non-blank value."""
    if len(value) > _LONGEST:
        return "text"
    if "@" in value and _reads(clean_email, value):
        return "email"
    if _reads(clean_boolean, value) and value not in {"0", "1"}:
        return "boolean"
    if _is_number(value):
        return "number"
    if _MAYBE_DATE.match(value) and _is_date(value):
        return "datetime" if _TIME.search(value) else "date"
    if value.startswith(("http://", "https://", "www.")) and _reads(clean_url, value):
        return "url"
    if _is_phone(value):
        return "phone"
    return "tags" if _LIST.match(value) else "text"


def column_shape(values: Iterable[str]) -> Shape:
    """The shape that most of a column's non-blank values have; text when there is none."""
    found = Counter(values)
    looked_at = list(islice(found, _VALUES_LOOKED_AT))
    if not looked_at:
        return "text"
    if set(looked_at) == {"0", "1"} and found.total() >= _FLAGS:
        return "boolean"
    counts = Counter(map(shape_of, looked_at))
    if counts["datetime"] and counts["date"]:
        counts["datetime"] += counts.pop("date")
    if counts["tags"]:
        counts["tags"] += counts["text"] if counts["tags"] >= counts["text"] else 0
    shape, count = counts.most_common(1)[0]
    return shape if count >= len(looked_at) * _SHARE else "text"


def _reads(clean: Callable[[str], object], value: str) -> bool:
    try:
        clean(value)
    except CleaningError:
        return False
    return True


def _is_phone(value: str) -> bool:
    if not _PHONE.match(value) or _IP_ADDRESS.match(value):
        return False
    return 7 <= sum(map(str.isdigit, value)) <= 15


def _is_number(value: str) -> bool:
    """A number whose leading zeros, if any, are nothing to keep."""
    if _LEADING_ZERO.match(value):
        return False
    return _reads(clean_number, value) or _reads(lambda text: clean_number(text, True), value)


def _is_date(value: str) -> bool:
    if "." in value and value.count(".") < 2 and not any(map(str.isalpha, value)):
        return False
    return _reads(lambda text: clean_date(text, True), value) or _reads(
        lambda text: clean_date(text, False), value
    )
