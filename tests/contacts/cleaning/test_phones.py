import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contacts.cleaning import phones
from contacts.cleaning.errors import CleaningError
from contacts.cleaning.phones import clean_phone

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
PLAIN = st.builds(
    "+{}{}".format, st.sampled_from(CODES), st.from_regex(r"[0-9]{3,13}", fullmatch=True)
)


def by_library(text: str) -> str | None:
    try:
        return phones._parsed(text, None)
    except CleaningError:
        return None


def cleaned(text: str, region: str | None = None) -> str | None:
    try:
        return clean_phone(text, region)
    except CleaningError:
        return None


@given(PLAIN, st.sampled_from([None, "US", "CA", "DE", "IT", "AR"]))
@example("+497112842222", None)
@example("+4907112842222", None)
@example("+11234567890", None)
@example("+390612345678", None)
@example("+5491112345678", None)
@example("+559033212333", None)
@example("+3758868342", None)
def test_fast_path_has_the_verdict_of_phonenumbers(number: str, region: str | None) -> None:
    assert cleaned(number, region) == by_library(number)


@pytest.mark.parametrize("code", CODES)
def test_fast_path_agrees_on_example_numbers_of_every_country(code: int) -> None:
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        found = (
            phonenumbers.example_number_for_non_geo_entity(code)
            if region == "001"
            else phonenumbers.example_number(region)
        )
        if found is not None:
            e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
            assert clean_phone(e164, None) == e164 == by_library(e164)


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+49 0711 2842222", None, "+497112842222"),
        ("0711 2842222", "DE", "+497112842222"),
        ("0711/28 42-222", "de", "+497112842222"),
        ("+1 (780) 428-9482", None, "+17804289482"),
        ("415-555-0000", "US", "+14155550000"),
        ("415-555-0000 x12", "US", "+14155550000"),
        ("1234567890", "US", "+11234567890"),
        ("0049 711 2842222", None, "+497112842222"),
        ("0049 711 2842222", "US", "+497112842222"),
        ("tel:+4915112345678", None, "+4915112345678"),
        ("'+4915112345678", None, "+4915112345678"),
        ('="+4915112345678"', None, "+4915112345678"),
        (" \u202a+49 151 12345678\u202c ", None, "+4915112345678"),
        ("\uff0b49 151 12345678", None, "+4915112345678"),
    ],
)
def test_numbers_become_e164(text: str, region: str | None, expected: str) -> None:
    assert clean_phone(text, region) == expected


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("1234567890", None, "no_country_code"),
        ("918484848484", None, "no_country_code"),
        ("0711 2842222", "XX", "no_country_code"),
        ("555-0000", "US", "invalid_phone"),
        ("+44 123", None, "invalid_phone"),
        ("+999 123456789", None, "invalid_phone"),
        ("call me", "DE", "invalid_phone"),
        ("note 4155550000", "US", "invalid_phone"),
        ("", "DE", "invalid_phone"),
        ("+", "DE", "invalid_phone"),
        ("+1" * 10_000, "DE", "invalid_phone"),
        ("4.91512E+11", "DE", "precision_lost"),
        ("4,91512E+11", "DE", "precision_lost"),
        ("\udce9123", "DE", "invalid_phone"),
    ],
)
def test_what_is_no_number_is_refused(text: str, region: str | None, code: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_phone(text, region)
    assert refusal.value.code == code
    refusal.value.message.encode()


def test_a_missing_country_says_the_way_out() -> None:
    with pytest.raises(
        CleaningError, match="add the country code, such as \\+47, or say which country"
    ):
        clean_phone("1234567890", None)


@given(st.text(max_size=80), st.sampled_from([None, "US", "DE"]))
def test_any_text_is_a_number_or_a_cleaning_error(text: str, region: str | None) -> None:
    found = cleaned(text, region)
    assert found is None or (found.startswith("+") and len(found) <= 16)


@given(PLAIN)
def test_a_cleaned_number_stays_as_it_is(number: str) -> None:
    once = cleaned(number)
    if once is not None:
        assert cleaned(once) in {once, by_library(once)}
