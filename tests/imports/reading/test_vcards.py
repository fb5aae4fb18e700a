"""Cards of all versions become rows of fixed columns; a bad card is a row with a reason."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.reading.errors import FileError
from imports.reading.vcards import COLUMNS, card_rows
from tests.shared_data import shared_file, shared_names

CELLS = 131_072


def read(path: Path) -> list[tuple[int, str, dict[str, str]]]:
    """Line, problem, and the columns that hold something, of each card."""
    header, *rows = card_rows(path, cell_characters=CELLS)
    assert header == (1, "", list(COLUMNS))
    return [
        (line, problem, {name: cell for name, cell in zip(COLUMNS, cells, strict=False) if cell})
        for line, problem, cells in rows
    ]


def card(folder: Path, *lines: str, encoding: str = "utf-8") -> tuple[str, dict[str, str]]:
    """Problem and columns of one card."""
    path = folder / "a.vcf"
    text = "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])
    path.write_bytes(text.encode(encoding))
    ((_, problem, columns),) = read(path)
    return problem, columns


@pytest.mark.parametrize("name", shared_names("vcard/*/*.vcf"))
def test_every_shared_card_is_read(name: str) -> None:
    path = shared_file(name)
    rows = read(path)
    assert len(rows) == path.read_bytes().upper().count(b"BEGIN:VCARD")
    assert [problem for _, problem, _ in rows if problem] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "ez-vcard/rfc6350-example.vcf",
            {
                "Full name": "Simon Perreault", "First name": "Simon", "Last name": "Perreault",
                "E-mail": "simon.perreault@viagenie.ca",
                "Phone": "+1-418-656-9254 ext. 102", "Phone 2": "+1-418-262-6501",
                "Company": "Viagenie", "Street": "2875 Laurier", "City": "Quebec", "Region": "QC",
                "Postal code": "G1V 2M2", "Country": "Canada", "URL": "http://nomis80.org",
                "Birthday": "--0203", "Language": "fr",
            },
        ),
        (
            "ez-vcard/outlook-2003.vcf",
            {
                "Full name": "John Doe III", "First name": "John", "Last name": "Doe", "Nickname": "Joey",
                "E-mail": "jdoe@hotmail.com",
                "Phone": "BusinessPhone", "Phone 2": "HomePhone", "Phone 3": "MobilePhone", "Fax": "BusinessFaxPhone",
                "Company": "Company, The", "Department": "TheDepartment", "Job title": "The Job Title",
                "Street": "123 Main St", "City": "Austin", "Region": "TX", "Postal code": "12345",
                "Country": "United States of America", "URL": "http://web-page-address.com",
                "Birthday": "1980-03-21", "Note": "This is the note field!!\nSecond line\n\nThird line is empty",
                "Other values": "TheProfession",
            },
        ),
        (
            "ez-vcard/issue114.vcf",
            {
                "Full name": "Dummy, Dummy", "First name": "Dummy", "Last name": "Dummy",
                "E-mail": "dummy.dummy@dummy.com", "Phone": "+49 1234 56789", "Phone 2": "+49 9876 54321",
                "Company": "Dummy GmbH", "Street": "Dummy-Dummy-Strasse 1", "City": "Bad Homburg",
                "Postal code": "61352", "Country": "Germany", "UID": "8b574c60-fd7f-4e99-b584-c5db131ae687",
            },
        ),
    ],
)  # fmt: skip
def test_cards_of_three_versions(name: str, expected: dict[str, str]) -> None:
    ((line, problem, columns),) = read(shared_file(f"vcard/{name}"))
    assert (line, problem, columns) == (1, "", expected)


def test_quoted_printable_with_a_charset_over_several_lines() -> None:
    rows = read(shared_file("vcard/ez-vcard/John_Doe_ANDROID.vcf"))
    assert [line for line, _, _ in rows] == [1, 6, 11, 18, 36, 71]
    assert rows[3][2]["Last name"] == "Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ"


def test_a_charset_of_its_own_without_quoted_printable(tmp_path: Path) -> None:
    lines = ["VERSION:2.1", "N;CHARSET=ISO-8859-1:M\u00fcller;Ren\u00e9"]
    _, columns = card(tmp_path, *lines, encoding="iso-8859-1")
    assert (columns["First name"], columns["Last name"]) == ("René", "Müller")


def test_folds_may_split_a_character(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    path.write_bytes(b"BEGIN:VCARD\r\nFN:Ren\xc3\r\n \xa9e\r\nNOTE:one\r\n  two\r\nEND:VCARD\r\n")
    ((_, _, columns),) = read(path)
    assert columns == {"Full name": "Renée", "Note": "one two"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1251"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    name = "Иван Петрович Сидоров, Москва"
    assert card(tmp_path, f"FN:{name}", encoding=encoding) == ("", {"Full name": name})


def test_preferred_values_come_first_and_none_is_lost(tmp_path: Path) -> None:
    lines = [
        "EMAIL;TYPE=HOME:b@x.org", "EMAIL;TYPE=INTERNET,PREF:a@x.org", "item1.EMAIL:b@x.org",
        "EMAIL:c@x.org", "EMAIL:mailto:d@x.org", "EMAIL:e@x.org",
        "TEL;PREF=2:2", "TEL;PREF=1:1", "TEL;TYPE=FAX:9", "TEL;PAGER:8",
    ]  # fmt: skip
    assert card(tmp_path, *lines)[1] == {
        "E-mail": "a@x.org", "E-mail 2": "b@x.org", "E-mail 3": "c@x.org", "Other e-mails": "d@x.org, e@x.org",
        "Phone": "1", "Phone 2": "2", "Fax": "9",
    }  # fmt: skip


def test_escapes_and_parts(tmp_path: Path) -> None:
    lines = [
        r"N:O\;Hara;Ana\, Maria;B", r"ORG:A\, B;C", r"NOTE:a\nb\\c", r"CATEGORIES:VIP,a\, b",
        r"URL:http\://x.org", "BDAY:19800321T000000Z", 'ADR;LABEL="a;b:c":;;Street;City;;1;NO',
    ]  # fmt: skip
    assert card(tmp_path, *lines)[1] == {
        "Full name": "Ana, Maria B O;Hara", "First name": "Ana, Maria", "Middle name": "B", "Last name": "O;Hara",
        "Company": "A, B", "Department": "C", "Note": "a\nb\\c", "Categories": "VIP, a, b", "URL": "http://x.org",
        "Birthday": "1980-03-21", "Street": "Street", "City": "City", "Postal code": "1", "Country": "NO",
    }  # fmt: skip


def test_agents_and_pictures_are_left_out(tmp_path: Path) -> None:
    lines = [
        "FN:Ana", "AGENT:", "BEGIN:VCARD", "FN:Bo", "END:VCARD", "PHOTO;BASE64:", "  /9j/4AAQ", "AAgAAgES", "",
        "EMAIL:a@x.org",
    ]  # fmt: skip
    assert card(tmp_path, *lines) == ("", {"Full name": "Ana", "E-mail": "a@x.org"})


def test_bad_cards_fail_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf"
    text = (
        "BEGIN:VCARD\nFN:Open\nBEGIN:VCARD\nFN:Good\nEND:VCARD\nstray\nand more\nBEGIN:VCARD\nFN:Bad\nno property\n"
        "END:VCARD\nEND:VCARD\nBEGIN:VCARD\nFN;CHARSET=klingon:x\nEMAIL:k@x.org\nEND:VCARD\nBEGIN:VCARD\n"
        'FN;X="open:Quote\nEND:VCARD\nBEGIN:VCARD\nFN:Last\n'
    )
    path.write_text(text)
    found = [(line, problem.partition(": ")[0], columns) for line, problem, columns in read(path)]
    assert found == [
        (1, "The card is not closed", {"Full name": "Open"}),
        (3, "", {"Full name": "Good"}),
        (6, "This text stands outside of a card.", {}),
        (8, "Line 10 is no property of a card", {"Full name": "Bad"}),
        (12, "BEGIN:VCARD is missing.", {}),
        (13, "A value is in an encoding that can't be read (klingon).", {"E-mail": "k@x.org"}),
        (17, "A line can't be read", {}),
        (20, "The card is not closed", {"Full name": "Last"}),
    ]


def test_a_value_that_is_too_long_fails_its_card(tmp_path: Path) -> None:
    problem, columns = card(tmp_path, "NOTE:" + "x" * (CELLS + 1))
    assert "more than 131,072 characters" in problem
    assert len(columns["Note"]) == CELLS


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    lines=st.lists(
        st.one_of(
            st.sampled_from(
                ["BEGIN:VCARD", "END:VCARD", "FN:x", "EMAIL;PREF=1:a", "N;QUOTED-PRINTABLE:=", "AGENT:"]
            ),
            st.text(max_size=30),
            st.binary(max_size=20),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_lines_are_rows(tmp_path: Path, lines: list[Any]) -> None:
    path = tmp_path / "a.vcf"
    octets = [line if isinstance(line, bytes) else line.encode() for line in lines]
    path.write_bytes(b"BEGIN:VCARD\n" + b"\n".join(octets))
    with suppress(FileError):
        assert read(path)
