"""Numbers as JSON keeps them: whole ones as int, others as float."""

import math
import re
from decimal import Decimal

from contacts.cleaning.errors import CleaningError, shown

# What a double keeps of any decimal number, there and back.
MAX_DIGITS = 15
LIMIT = 10**15

_PLAIN_INTEGER = re.compile(r"-?[0-9]{1,15}\Z", re.ASCII)
_PLAIN_DECIMAL = re.compile(r"-?(?=[0-9.]{3,16}\Z)[0-9]+\.[0-9]+\Z", re.ASCII)

_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\ufe63": "-", "\uff0d": "-", "\uff0b": "+"})
_CURRENCY = "$€£¥₹₩₽₺₪₫₱฿₴₦¢"
_BRACKETED = re.compile(r"\((.+)\)\Z")
_SPACES = "[ \u00a0\u2009\u202f'\u2019]"


def _pattern(mark: str, group: str) -> re.Pattern[str]:
    """A grouped or ungrouped number: `group` may stand between threes, the same all through."""
    grouped = rf"[0-9]{{1,3}}(?P<group>{group}|{_SPACES})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    return re.compile(
        rf"(?P<sign>[+-]?)(?P<whole>{grouped}|[0-9]+)?(?:{mark}(?P<fraction>[0-9]*))?"
        r"(?P<exponent>[eE][+-]?[0-9]{1,3})?\Z",
        re.ASCII,
    )


_POINT = _pattern(r"\.", ",")
_COMMA = _pattern(",", r"\.")


def clean_number(text: str, decimal_comma: bool = False) -> int | float:
    """Read a number. Raises CleaningError.

    Thousands separators (in threes), a currency sign and brackets for a negative amount are taken
    off; percent signs are refused, because 12 % is 12 to some and 0.12 to others. At most 15
    significant digits and less than 10^15, which is what JSON carries everywhere without loss.
    """
    if _PLAIN_INTEGER.match(text):
        return int(text)
    if _PLAIN_DECIMAL.match(text) and not decimal_comma:
        return _whole_or_not(float(text))
    return _bounded(_decimal_in(text, decimal_comma), text)


def clean_json_number(value: int | float) -> int | float:
    """The same bounds for a number that is one already."""
    if isinstance(value, float) and not math.isfinite(value):
        raise _refused(value, "it has to be finite")
    return _bounded(Decimal(repr(value)) if isinstance(value, float) else Decimal(value), value)


def _decimal_in(text: str, decimal_comma: bool) -> Decimal:
    number = text.strip().translate(_SIGNS)
    if "%" in number:
        raise CleaningError(
            "percent", f"{shown(text)} is a percentage; write it as a number, such as 12 or 0.12."
        )
    number = _without_currency(number)
    match = (_COMMA if decimal_comma else _POINT).match(number) if len(number) <= 400 else None
    if match is None or not (match["whole"] or match["fraction"]):
        raise _refused(text, _hint(number, decimal_comma))
    whole = re.sub("[^0-9]", "", match["whole"] or "") or "0"
    return Decimal(f"{match['sign']}{whole}.{match['fraction'] or '0'}{match['exponent'] or ''}")


def _without_currency(number: str) -> str:
    bracketed = _BRACKETED.match(number)
    if bracketed:
        number = "-" + bracketed[1].strip()
    sign, rest = (number[0], number[1:].strip()) if number[:1] in {"+", "-"} else ("", number)
    if rest[:1] in _CURRENCY:
        rest = rest[1:].strip()
    elif rest[-1:] in _CURRENCY:
        rest = rest[:-1].strip()
    return rest if rest[:1] in {"+", "-"} and not sign else sign + rest


def _bounded(number: Decimal, value: object) -> int | float:
    if abs(number) >= LIMIT:
        raise CleaningError(
            "too_large",
            f"{shown(value)} is too large for a number field (less than 10^15); "
            "keep identifiers in a text field.",
        )
    if len(number.normalize().as_tuple().digits) > MAX_DIGITS:
        raise CleaningError(
            "too_precise",
            f"{shown(value)} has more than {MAX_DIGITS} significant digits, which would be lost; "
            "round it or keep it in a text field.",
        )
    cleaned = _whole_or_not(float(number))
    if number and not cleaned:
        raise _refused(value, "it is closer to zero than can be kept")
    return cleaned


def _whole_or_not(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _hint(number: str, decimal_comma: bool) -> str:
    if not number:
        return "it is blank"
    other = _POINT if decimal_comma else _COMMA
    if len(number) <= 400 and other.match(number):
        sign = "point" if decimal_comma else "comma"
        return f"choose “decimal {sign}” if that is what it has"
    return "only digits, a sign, thousands separators and a decimal sign may be in it"


def _refused(value: object, reason: str) -> CleaningError:
    return CleaningError("invalid_number", f"{shown(value)} is not a number: {reason}.")
