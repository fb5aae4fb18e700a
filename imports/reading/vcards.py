"""Address books of vCards 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350): a row for each card, in fixed columns."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from imports.reading.encoding import DAMAGED, detect_encoding, open_text

CardRow = tuple[int, str, list[str]]

COLUMNS: Final = (
    "Full name", "First name", "Middle name", "Last name", "Nickname", "E-mail", "E-mail 2", "E-mail 3",
    "Other e-mails", "Phone", "Phone 2", "Phone 3", "Other phones", "Fax", "Company", "Department", "Job title",
    "Street", "City", "Region", "Postal code", "Country", "URL", "Birthday", "Language", "Categories", "Note", "UID",
    "Other values",
)  # fmt: skip

# Of a line no more than this is kept: what is longer is a picture.
_LINE_CHARACTERS: Final = 1024 * 1024
# A card of more properties than this is no card of a person.
_PROPERTIES: Final = 1_000

_WANTED: Final = frozenset(
    ("FN", "N", "NICKNAME", "EMAIL", "TEL", "ORG", "TITLE", "ROLE", "ADR", "URL", "BDAY", "LANG",
     "CATEGORIES", "NOTE", "UID")
)  # fmt: skip
_NAME: Final = re.compile(r"\s*(?:[\w-]+\.)?([\w-]+)\s*[;:]")
_PROPERTY: Final = re.compile(r'[^;:]*((?:;(?:[^";:]|"[^"]*")*)*):(.*)', re.DOTALL)
_PARAMETER: Final = re.compile(r';((?:[^";]|"[^"]*")*)')
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_PART_END: Final = re.compile(r"(?<!\\);")
_COMMA: Final = re.compile(r"(?<!\\),")
_DATE: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_NOT_SPOKEN_TO: Final = frozenset(("fax", "pager", "modem"))


class _BadCard(Exception):
    """A card that can't be read; the message says why."""


@dataclass(slots=True)
class _Card:
    """The lines of a card that are of interest, and where it begins."""

    line: int
    lines: list[str] = field(default_factory=list)
    last_name: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Property:
    """A value of a card, escapes included, and what its parameters say."""

    name: str
    value: str
    types: frozenset[str]
    preference: int


def card_rows(path: Path, *, cell_characters: int) -> Iterator[CardRow]:
    """Yield the columns, then (line where the card begins, what is wrong with it, cells) for every card.

    A card that can't be read is a row with a reason and what could be understood of it.
    """
    encoding = detect_encoding(path)
    yield 1, "", list(COLUMNS)
    charset = _charset(path, encoding)
    for card in _cards(_unfolded(_octet_lines(path, encoding))):
        yield _row(card, charset, cell_characters)


def _charset(path: Path, encoding: str) -> str:
    """The encoding of what `_octet_lines` gives. A file that folds inside of characters is UTF-8 all the same."""
    try:
        for _, line in _unfolded(_octet_lines(path, encoding)):
            line.encode("latin-1").decode()
    except UnicodeDecodeError:
        return encoding
    return "utf-8"


def _row(card: _Card, charset: str, cell_characters: int) -> CardRow:
    properties: list[_Property] = []
    problem = card.problem
    for line in card.lines:
        try:
            properties.append(_property(line, charset))
        except _BadCard as error:
            problem = problem or str(error)
    cells = _cells(properties)
    if any(len(cell) > cell_characters for cell in cells):
        problem = problem or f"A value has more than {cell_characters:,} characters; shorten it."
    return card.line, problem, [cell[:cell_characters] for cell in cells] if any(cells) else []


def _octet_lines(path: Path, encoding: str) -> Iterator[str]:
    """Physical lines, a character for each octet: folds may split characters, and cards name their own charset."""
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    with open_text(path, encoding if is_wide else "latin-1") as file:
        while line := file.readline(_LINE_CHARACTERS):
            text = line.rstrip("\r\n")
            yield text.encode("utf-8", "surrogatepass").decode("latin-1") if is_wide else text


def _unfolded(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first physical one."""
    start, pending, size, is_soft = 1, [""], 0, False
    for number, line in enumerate(lines, 1):
        if is_soft or line[:1] in (" ", "\t"):
            line = line if is_soft else line[1:]
            # What doesn't fit is not kept, so that a picture takes no memory.
            pending += [line] if size < _LINE_CHARACTERS else []
        else:
            yield start, "".join(pending)
            start, pending, size = number, [line], 0
        size += len(line)
        is_soft = line.endswith("=") and "QUOTED-PRINTABLE" in pending[0].upper()
        if is_soft:
            pending[-1] = pending[-1].removesuffix("=")
    yield start, "".join(pending)


def _cards(lines: Iterator[tuple[int, str]]) -> Iterator[_Card]:
    """Cards, and what stands outside of them as cards with a problem. Cards inside of a card (agents) are left out."""
    card: _Card | None = None
    depth = 0
    for number, line in lines:
        edge = line.strip().lstrip("ï»¿").upper().replace(" ", "")
        if edge == "BEGIN:VCARD" and (card is None or card.last_name != "AGENT"):
            yield from _ended(card, "The card is not closed: END:VCARD is missing.")
            card, depth = _Card(number), 1
        elif edge == "BEGIN:VCARD":
            depth += 1
        elif edge == "END:VCARD" and depth > 1:
            depth -= 1
        elif edge == "END:VCARD":
            yield from _ended(card or _Card(number), "" if card else "BEGIN:VCARD is missing.")
            card, depth = None, 0
        elif depth == 1 and card is not None:
            _keep(card, number, line)
        elif edge and depth == 0:
            card = card or _Card(number, problem="This text stands outside of a card.")
    yield from _ended(card, "The card is not closed: END:VCARD is missing.")


def _ended(card: _Card | None, problem: str) -> Iterator[_Card]:
    if card is not None:
        card.problem = card.problem or problem
        yield card


def _keep(card: _Card, number: int, line: str) -> None:
    """Add a line to its card when a column is made of it."""
    match = _NAME.match(line)
    if match is None:
        # Behind a picture it is more of it, not folded as it should be.
        is_rest = card.last_name not in _WANTED and card.last_name
        if line.strip() and not is_rest:
            card.problem = (
                card.problem or f"Line {number:,} is no property of a card: “{_start(line)}”."
            )
        return
    card.last_name = match[1].upper()
    if card.last_name in _WANTED:
        card.lines.append(line)
    if len(card.lines) > _PROPERTIES:
        del card.lines[_PROPERTIES:]
        card.problem = f"The card has more than {_PROPERTIES:,} names, addresses and numbers."


def _start(line: str) -> str:
    return line.encode("latin-1", "replace").decode("utf-8", "replace").strip()[:60]


def _property(line: str, charset: str) -> _Property:
    """Read a logical line. Raises _BadCard for one that is broken, or in an encoding that nobody knows."""
    match = _PROPERTY.fullmatch(line)
    if match is None:
        raise _BadCard(f"A line can't be read: “{_start(line)}”.")
    name = _NAME.match(line)
    parameters = _parameters(match[1])
    encoding = next(iter(parameters.get("ENCODING", ())), "").upper()
    charset = next(iter(parameters.get("CHARSET", ())), charset)
    types = frozenset(value.lower() for value in parameters.get("TYPE", ()))
    preference = next(iter(parameters.get("PREF", ())), "1" if "pref" in types else "101")
    return _Property(
        name[1].upper() if name else "",
        _decoded(match[2], encoding, charset),
        types,
        int(preference[:3]) if preference.isdecimal() else 101,
    )


def _parameters(text: str) -> dict[str, list[str]]:
    """Parameters by name. vCard 2.1 leaves the names out: `TEL;WORK;QUOTED-PRINTABLE:`."""
    found: dict[str, list[str]] = {}
    for parameter in _PARAMETER.findall(text):
        name, equals, value = parameter.partition("=")
        if not equals:
            is_encoding = name.upper() in ("QUOTED-PRINTABLE", "BASE64")
            name, value = "ENCODING" if is_encoding else "TYPE", name
        values = [part.strip() for part in value.strip().strip('"').split(",")]
        found.setdefault(name.strip().upper(), []).extend(values)
    return found


def _decoded(text: str, encoding: str, charset: str) -> str:
    octets = text.encode("latin-1")
    try:
        if encoding == "QUOTED-PRINTABLE":
            octets = binascii.a2b_qp(octets)
        elif encoding in ("B", "BASE64"):
            octets = binascii.a2b_base64(octets)
        return octets.decode(charset, DAMAGED)
    # UnicodeError (a codec that is none of texts) and binascii.Error are ValueErrors.
    except (LookupError, ValueError) as error:
        raise _BadCard(f"A value is in an encoding that can't be read ({charset[:40]}).") from error


def _plain(value: str) -> str:
    r"""Without escapes: `\n` is a line break, any other escaped character itself."""
    value = value.replace("\r\n", "\n") if "\r" in value else value
    if "\\" not in value:
        return value.strip()
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _parts(value: str, count: int) -> list[str]:
    """The parts of a structured value."""
    parts = value.split(";") if "\\" not in value else _PART_END.split(value)
    return [*map(_plain, parts[:count]), *[""] * (count - len(parts))]


def _cells(properties: list[_Property]) -> list[str]:
    """The values of a card in the order of COLUMNS. Of several, the preferred ones come first; what has no column
    of its own is among the other values.
    """
    by_name: dict[str, list[_Property]] = {}
    for each in sorted(properties, key=lambda each: each.preference):
        if each.value.strip():
            by_name.setdefault(each.name, []).append(each)
    last, first, middle, *_ = _parts(_first(by_name, "N"), 5)
    whole = _plain(_first(by_name, "FN")) or " ".join(filter(None, (first, middle, last)))
    company, department, *_ = _parts(_first(by_name, "ORG"), 2)
    _, _, street, city, region, postcode, country = _parts(_first(by_name, "ADR"), 7)
    calls = [each for each in by_name.get("TEL", ()) if not each.types & _NOT_SPOKEN_TO]
    faxes = [each for each in by_name.get("TEL", ()) if "fax" in each.types]
    return [
        whole, first, middle, last, _all(by_name, "NICKNAME"),
        *_spread([_address(each.value) for each in by_name.get("EMAIL", ())]),
        *_spread([_number(each.value) for each in calls]),
        ", ".join(_number(each.value) for each in faxes),
        company, department, _plain(_first(by_name, "TITLE") or _first(by_name, "ROLE")),
        street, city, region, postcode, country,
        _plain(_first(by_name, "URL")), _date(_plain(_first(by_name, "BDAY"))), _plain(_first(by_name, "LANG")),
        _all(by_name, "CATEGORIES"), "\n".join(_plain(each.value) for each in by_name.get("NOTE", ())),
        _plain(_first(by_name, "UID")), "; ".join(_others(by_name)),
    ]  # fmt: skip


def _others(by_name: dict[str, list[_Property]]) -> Iterator[str]:
    """Further addresses, companies, titles and sites."""
    for name in ("ADR", "ORG", "TITLE", "URL"):
        for each in by_name.get(name, ())[1:]:
            yield ", ".join(filter(None, _parts(each.value, 7)))
    if "TITLE" in by_name:
        yield from (_plain(each.value) for each in by_name.get("ROLE", ()))


def _first(by_name: dict[str, list[_Property]], name: str) -> str:
    return by_name[name][0].value if name in by_name else ""


def _all(by_name: dict[str, list[_Property]], name: str) -> str:
    values = (part for each in by_name.get(name, ()) for part in _COMMA.split(each.value))
    return ", ".join(filter(None, map(_plain, values)))


def _spread(values: list[str]) -> list[str]:
    """Three cells for the first three values, each once, and one for all others."""
    unique = list(dict.fromkeys(filter(None, values)))
    return [*(unique + [""] * 3)[:3], ", ".join(unique[3:])]


def _address(value: str) -> str:
    return _plain(value).removeprefix("mailto:")


def _number(value: str) -> str:
    """`tel:+1-418-656-9254;ext=102` as people write it."""
    plain = _plain(value)
    if not plain.lower().startswith("tel:"):
        return plain
    number, _, rest = plain[4:].partition(";")
    extension = rest.removeprefix("ext=") if rest.startswith("ext=") else ""
    return f"{number} ext. {extension}" if extension else number


def _date(value: str) -> str:
    match = _DATE.fullmatch(value)
    return "-".join(match.groups()) if match else value
