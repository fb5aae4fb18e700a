from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.cleaning.dates import clean_date, clean_datetime
from contacts.cleaning.errors import CleaningError

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("2024-01-31", None, "2024-01-31"),
        (" 2024-1-5 ", None, "2024-01-05"),
        ("2024/01/31", None, "2024-01-31"),
        ("20240131", None, "2024-01-31"),
        ("0001-01-01", None, "0001-01-01"),
        ("9999-12-31", None, "9999-12-31"),
        ("31/12/2012", None, "2012-12-31"),
        ("12/31/2012", None, "2012-12-31"),
        ("1/1/2011", None, "2011-01-01"),
        ("02/01/2014", True, "2014-01-02"),
        ("02/01/2014", False, "2014-02-01"),
        ("2.1.2014", True, "2014-01-02"),
        ("24 October 2011", None, "2011-10-24"),
        ("24. Oktober 2011", None, "2011-10-24"),
        ("3. März 2024", None, "2024-03-03"),
        ("3rd of March, 2024", None, "2024-03-03"),
        ("October 24, 2011", None, "2011-10-24"),
        ("24-Oct-2011", None, "2011-10-24"),
        ("Di., 5. März 2024", None, "2024-03-05"),
        ("1er février 2024", None, "2024-02-01"),
        ("mardi 5 août 2025", None, "2025-08-05"),
        ("14 DECEMBRE 2024", None, "2024-12-14"),
        ("3 de enero de 2024", None, "2024-01-03"),
        ("miércoles, 24 de octubre del 2011", None, "2011-10-24"),
        ("1º de março de 2024", None, "2024-03-01"),
        ("terça-feira, 5 de março de 2024", None, "2024-03-05"),
        ("10 out. 2024", None, "2024-10-10"),
        ("lunedì 8 luglio 2024", None, "2024-07-08"),
        ("8-mag-2024", None, "2024-05-08"),
        ("12 mrt. 2024", None, "2024-03-12"),
        ("zondag 12 mei 2024", None, "2024-05-12"),
        ("Mar 5, 2024", None, "2024-03-05"),
        ("1962-02-18 00:00:00", None, "1962-02-18"),
        ("2010-10-14T12:00:00.000Z", None, "2010-10-14"),
        ("07/15/2009 02:14:45+0800", None, "2009-07-15"),
    ],
)
def test_dates_are_read(text: str, day_first: bool | None, expected: str) -> None:
    assert clean_date(text, day_first) == expected


@pytest.mark.parametrize(
    ("text", "day_first", "code"),
    [
        ("02/01/2014", None, "ambiguous"),
        ("2.1.2014", None, "ambiguous"),
        ("12/11/2014", None, "ambiguous"),
        ("11/12/2014", None, "ambiguous"),
        ("02/01/2014 10:00", None, "ambiguous"),
        ("12/31/2012", True, "invalid_date"),
        ("31/12/2012", False, "invalid_date"),
        ("1/2/99", True, "two_digit_year"),
        ("24 Oct 11", True, "two_digit_year"),
        ("2024-02-30", None, "invalid_date"),
        ("0000-01-01", None, "invalid_date"),
        ("1996x-01-01", None, "invalid_date"),
        ("2009-07/14", None, "invalid_date"),
        ("2009\\7\\14", None, "invalid_date"),
        ("45292", None, "invalid_date"),
        ("2024-W01-1", None, "invalid_date"),
        ("yesterday", None, "invalid_date"),
        ("", None, "invalid_date"),
        ("٢٠٢٤-٠١-٣١", None, "invalid_date"),
        ("24 " * 5_000, None, "invalid_date"),
    ],
)
def test_what_is_no_date_is_refused(text: str, day_first: bool | None, code: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_date(text, day_first)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("2024-01-31T10:00:00.000Z", "2024-01-31T10:00:00Z"),
        ("2024-01-31T10:00:00.5Z", "2024-01-31T10:00:00.500000Z"),
        ("2024-01-31T10:00:00.123456789Z", "2024-01-31T10:00:00.123456Z"),
        ("2024-01-31 10:00:00", "2024-01-31T09:00:00Z"),
        ("2024-07-31 10:00", "2024-07-31T08:00:00Z"),
        ("2024-07-31", "2024-07-30T22:00:00Z"),
        ("2024-01-31T10:00:00+03:00", "2024-01-31T07:00:00Z"),
        ("07/15/2009 02:14:45+0800", "2009-07-14T18:14:45Z"),
        ("2009-07-14T14:14:45 +02", "2009-07-14T12:14:45Z"),
        ("Mon, 24 Oct 2011 10:00:00 +0000", "2011-10-24T10:00:00Z"),
        ("12/31/2024 3:04 PM", "2024-12-31T14:04:00Z"),
        ("12/31/2024, 12:00 a.m.", "2024-12-30T23:00:00Z"),
        ("31. Dezember 2024 um 14:00 Uhr", "2024-12-31T13:00:00Z"),
        ("31 décembre 2024 à 14:00", "2024-12-31T13:00:00Z"),
        ("31 de diciembre de 2024 a las 14:00", "2024-12-31T13:00:00Z"),
        ("31 de dezembro de 2024 às 14:00", "2024-12-31T13:00:00Z"),
        ("31 dicembre 2024 alle 14:00", "2024-12-31T13:00:00Z"),
        ("31 december 2024 om 14:00 uur", "2024-12-31T13:00:00Z"),
        ("9999-01-01T00:00:00.000Z", "9999-01-01T00:00:00Z"),
        ("1580608922", "2020-02-02T02:02:02Z"),
        ("1580608922123", "2020-02-02T02:02:02.123000Z"),
    ],
)
def test_points_in_time_come_back_in_utc(text: str, expected: str) -> None:
    assert clean_datetime(text, OSLO, None) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "9999-12-31T23:00:00-05:00",
        "2024-01-31T25:00:00Z",
        "2024-01-31 10:61",
        "2024-01-31 13:00 PM",
        "2024-01-31 10",
        "2024-01-31T10:00:00+99:00",
        "2010-10-14T12:00:00.000Z-0300",
        "2024-01-31 10:00 PST",
        "",
    ],
)
def test_what_is_no_point_in_time_is_refused(text: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_datetime(text, OSLO, None)
    assert refusal.value.code == "invalid_date"


@given(st.dates())
def test_every_day_is_read_in_every_order(day: date) -> None:
    iso = day.isoformat()
    assert clean_date(iso, None) == iso
    assert clean_date(f"{day.day}.{day.month}.{day.year:04}", True) == iso
    assert clean_date(f"{day.month}/{day.day}/{day.year:04}", False) == iso
    assert clean_date(f"{day:%B} {day.day}, {day.year:04}", None) == iso


@given(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_every_iso_form_is_read(moment: datetime, zone: timezone) -> None:
    aware = moment.replace(tzinfo=zone)
    expected = aware.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    assert clean_datetime(aware.isoformat(), OSLO, None) == expected
    assert clean_datetime(expected, OSLO, None) == expected
    assert clean_datetime(moment.isoformat(" "), zone, None) == expected


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_a_cleaning_error(text: str) -> None:
    for clean in (lambda: clean_date(text, True), lambda: clean_datetime(text, OSLO, False)):
        with suppress(CleaningError):
            clean()
