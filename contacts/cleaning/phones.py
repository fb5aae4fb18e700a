"""Phone numbers, kept as E.164."""

import re
from functools import cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneMetadata
from phonenumbers import ValidationResult as Possible

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import trim

# Longer than any number with its spelling, brackets and extension.
_MAX_TYPED = 60

_PLAIN = re.compile(r"\+[1-9][0-9]{6,14}\Z", re.ASCII)
_PREFIX = re.compile(r"(?:tel|phone|mobile|fax|whatsapp)\s*[:.]\s*|['\u2019=]+", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?[0-9][.,]?[0-9]*E\+?[0-9]{1,2}\Z", re.IGNORECASE)
_NUMBER_START = re.compile(r"[+\uff0b(\[\s]*\d")


def clean_phone(text: str, region: str | None) -> str:
    """Return a phone number as E.164 (`+4915112345678`). Raises CleaningError.

    `region` (ISO 3166-1 alpha-2) is the country of numbers without a country code. A number is
    accepted when its length is possible in its country: assigned ranges change too often to refuse
    people by them. An extension is left off, E.164 has no place for it.
    """
    if _PLAIN.match(text) and _is_plain_possible(text):
        return text
    number = _number_in(text)
    if not number.startswith(("+", "\uff0b")) and not _known(region):
        return _without_region(number)
    try:
        return _parsed(number, region)
    except CleaningError:
        if number.startswith("00"):
            return _parsed("+" + number[2:], None)
        raise


def _is_plain_possible(text: str) -> bool:
    """Whether phonenumbers would return this E.164 spelling unchanged; False means: ask it."""
    for digits in (1, 2, 3):
        rules = _plain_rules(text[1 : 1 + digits])
        if rules is not None:
            national_prefix, lengths = rules
            national = text[1 + digits :]
            return len(national) in lengths and not national_prefix.match(national)
    return False


@cache
def _plain_rules(country_code: str) -> tuple[re.Pattern[str], frozenset[int]] | None:
    """What starts a national number that phonenumbers would rewrite, and the possible lengths."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(country_code))
    if regions is None:
        return None
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(country_code), regions[0])
    if metadata is None or metadata.general_desc is None:
        return None
    prefix = metadata.national_prefix_for_parsing
    rewritten = f"0|(?:{prefix})" if prefix else "0"
    lengths = metadata.general_desc.possible_length
    return re.compile(rewritten), frozenset(lengths)


def _number_in(text: str) -> str:
    number = trim(text).strip("\u200e\u200f\u202a\u202c\u202d\u2066\u2067\u2068\u2069")
    if len(number) > _MAX_TYPED:
        raise _refused(text, "it is too long")
    if _SCIENTIFIC.match(number):
        raise CleaningError(
            "precision_lost",
            f"{shown(text)} was shortened by a spreadsheet and its last digits are gone; "
            "format the column as text and export it again.",
        )
    number = _PREFIX.sub("", number, count=1) if _PREFIX.match(number) else number
    number = number.strip('"').strip()
    if not _NUMBER_START.match(number):
        raise _refused(text, "it has to begin with a digit or +")
    return number


def _known(region: str | None) -> bool:
    return region is not None and region.upper() in phonenumbers.SUPPORTED_REGIONS


def _without_region(number: str) -> str:
    if number.startswith("00"):
        return _parsed("+" + number[2:], None)
    raise CleaningError(
        "no_country_code",
        f"{shown(number)} has no country code; add the country code, such as +47, "
        "or say which country numbers without one are from.",
    )


def _parsed(number: str, region: str | None) -> str:
    try:
        parsed = phonenumbers.parse(number, region.upper() if region and _known(region) else None)
    except NumberParseException:
        raise _refused(number, "it cannot be read") from None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != Possible.IS_POSSIBLE:
        raise _refused(number, _reason(possible))
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if len(e164) > 16:
        raise _refused(number, "it has more than 15 digits")
    return e164


def _reason(possible: int) -> str:
    return {
        Possible.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
        Possible.TOO_SHORT: "it has too few digits for its country",
        Possible.TOO_LONG: "it has too many digits for its country",
        Possible.INVALID_COUNTRY_CODE: "no country has this code",
    }.get(possible, "no number in its country has this length")


def _refused(text: str, reason: str) -> CleaningError:
    return CleaningError(
        "invalid_phone", f"{shown(text)} is not a phone number such as +47 22 86 44 00: {reason}."
    )
