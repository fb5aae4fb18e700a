"""Dates and points in time."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import fold_key, trim

_MAX_TYPED = 80

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_ISO_UTC = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z\Z", re.ASCII
)
_DATE_AND_TIME = re.compile(
    r"""(?P<date>.+?)
        (?:(?:[Tt]|,?\s+(?:(?:at|um|à|às|a\s+las|alle|om)\s+)?)
           (?P<hour>\d{1,2})
           (?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?
             |(?=\s*[AaPp]))
           \s*(?P<half>[AaPp]\.?[Mm]\.?)?(?:\s+(?:Uhr|uur))?
           \s*(?P<zone>Z|z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)?
        )?\Z""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})\Z", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{2}|\d{4})\Z", re.ASCII)
_COMPACT = re.compile(r"([12]\d{3})(\d{2})(\d{2})\Z", re.ASCII)
_WEEKDAY = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+"
    r"|(?:mo|di|mi|do|fr|sa|so)\.?,\s+"
    r"|(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag),?\s+"
    r"|(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),?\s+"
    r"|(?:lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo),?\s+"
    r"|(?:segunda|ter[çc]a|quarta|quinta|sexta)(?:-feira)?,?\s+"
    r"|(?:luned[ìi]|marted[ìi]|mercoled[ìi]|gioved[ìi]|venerd[ìi]|sabato|domenica),?\s+"
    r"|(?:maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag),?\s+",
    re.IGNORECASE,
)
_NAMED = (
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|[.º°])?(?:\s+(?:of|de|di)\b)?[\s-]*(?P<month>[^\W\d]+)\.?,?(?:\s+del?)?[\s-]*(?P<year>\d{2,4})\Z"),
    re.compile(r"(?P<month>[^\W\d]+)\.?[\s-]*(?P<day>\d{1,2})(?:st|nd|rd|th)?[,\s-]\s*(?P<year>\d{2,4})\Z"),
    re.compile(r"(?P<year>\d{4})[\s-]*(?P<month>[^\W\d]+)\.?[\s-]*(?P<day>\d{1,2})\Z"),
)  # fmt: skip
_EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?\Z", re.ASCII)
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?\Z", re.ASCII)

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            # English and German, French, Spanish, Portuguese, Italian, Dutch.
            "january jan januar jän jänner jaenner janvier janv enero ene janeiro gennaio gen januari",
            "february feb februar feber février févr fév febrero fevereiro fev febbraio februari",
            "march mar märz maerz mär mrz mars marzo março maart mrt",
            "april apr avril avr abril abr aprile",
            "may mai mayo maio maggio mag mei",
            "june jun juni juin junio junho giugno giu",
            "july jul juli juillet juil julio julho luglio lug",
            "august aug août agosto ago augustus",
            "september sep sept septembre septiembre setiembre setembro set settembre sett",
            "october oct oktober okt octobre octubre outubro out ottobre ott",
            "november nov novembre noviembre novembro",
            "december dec dezember dez décembre déc diciembre dic dezembro dicembre",
        ),
        start=1,
    )
    for written in names.split()
    for name in (written, fold_key(written))
}


def clean_date(text: str, day_first: bool | None) -> str:
    """Return `YYYY-MM-DD`. Raises CleaningError.

    `day_first` says how 01/02/2024 is meant; None raises "ambiguous" for those that can be
    read both ways. A time of day is left off: the date counts as it is written.
    """
    if _ISO_DATE.match(text):
        return _iso(text)
    match = _split(text)
    return _date_in(match["date"], text, day_first).isoformat()


def clean_datetime(text: str, tz: tzinfo, day_first: bool | None) -> str:
    """Return a point in time in UTC, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`. Raises CleaningError.

    `tz` is where a time without its own offset was written; a date alone is its midnight there.
    Seconds and milliseconds since 1970 (10 or 13 digits) are read as such.
    """
    if _ISO_UTC.match(text):
        return _utc_text(_parse_iso(text), text)
    stripped = trim(text)
    if _EPOCH.match(stripped):
        return _from_epoch(stripped)
    match = _split(text)
    day = _date_in(match["date"], text, day_first)
    return _utc_text(_with_time(day, match, tz, text), text)


def _iso(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise _refused(text, str(error)) from None
    return text


def _parse_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _refused(text, str(error)) from None


def _split(text: str) -> re.Match[str]:
    stripped = trim(text)
    match = _DATE_AND_TIME.match(stripped) if len(stripped) <= _MAX_TYPED else None
    if match is None:
        raise _refused(text, "it is blank" if not stripped else "it is not in a known form")
    return match


def _date_in(written: str, text: str, day_first: bool | None) -> date:
    written = _WEEKDAY.sub("", written.strip().rstrip(","), count=1)
    if match := _YEAR_FIRST.match(written):
        return _day(text, int(match[1]), int(match[3]), int(match[4]))
    if match := _YEAR_LAST.match(written):
        return _by_order(text, match, day_first)
    if match := _COMPACT.match(written):
        return _day(text, int(match[1]), int(match[2]), int(match[3]))
    return _named(written, text)


def _by_order(text: str, match: re.Match[str], day_first: bool | None) -> date:
    first, second, year = int(match[1]), int(match[3]), _year(text, match[4])
    if day_first is None:
        if first != second and first <= 12 and second <= 12:
            raise CleaningError(
                "ambiguous",
                f"{shown(text)} can be read in two ways; say whether day or month is first.",
            )
        day_first = second <= 12
    day, month = (first, second) if day_first else (second, first)
    if month > 12 >= day:
        order = "day" if day_first else "month"
        raise _refused(text, f"there is no month {month} when the {order} comes first")
    return _day(text, year, month, day)


def _named(written: str, text: str) -> date:
    for form in _NAMED:
        match = form.match(written)
        month = _MONTHS.get(match["month"].lower()) if match else None
        if match and month:
            return _day(text, _year(text, match["year"]), month, int(match["day"]))
    if _SERIAL.match(written):
        raise _refused(
            text, "it looks like a spreadsheet's day number; format the column as a date"
        )
    raise _refused(text, "it is not in a known form")


def _year(text: str, digits: str) -> int:
    if len(digits) != 4:
        raise CleaningError(
            "two_digit_year", f"{shown(text)} leaves its century open; write the year in full."
        )
    return int(digits)


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise _refused(text, str(error)) from None


def _with_time(day: date, match: re.Match[str], tz: tzinfo, text: str) -> datetime:
    hour = _hour(match, text)
    fraction = ((match["fraction"] or "") + "000000")[:6]
    try:
        return datetime(
            day.year,
            day.month,
            day.day,
            hour,
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int(fraction),
            tzinfo=_zone(match["zone"]) or tz,
        )
    except ValueError as error:
        raise _refused(text, str(error)) from None


def _hour(match: re.Match[str], text: str) -> int:
    hour, half = int(match["hour"] or 0), (match["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        raise _refused(text, f"there is no hour {hour} {half}m")
    return hour % 12 + (12 if half == "p" else 0) if half else hour


def _zone(written: str | None) -> tzinfo | None:
    if not written:
        return None
    offset = written.upper().removeprefix("UTC").removeprefix("GMT").replace(":", "")
    if offset in {"", "Z"}:
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[3:5] or 0)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _from_epoch(digits: str) -> str:
    seconds, milliseconds = int(digits[:10]), int(digits[10:] or 0)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
    return _utc_text(moment, digits)


def _utc_text(moment: datetime, text: str) -> str:
    try:
        in_utc = moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise _refused(text, "it is outside of the years 1 to 9999") from None
    return in_utc.replace(tzinfo=None).isoformat() + "Z"


def _refused(text: str, reason: str) -> CleaningError:
    return CleaningError(
        "invalid_date", f"{shown(text)} is not a date such as 2024-01-31: {reason}."
    )
