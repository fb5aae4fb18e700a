import json
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import clean_text, fold_key, split_list, storable
from tests.shared_data import shared_file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Ana \t", "Ana"),
        ("\ufeff\u200bAna\u00a0", "Ana"),
        ("\u200b \u200b", ""),
        ("Jose\u0301", "José"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("-5", "-5"),
        ("a\nb", "a\nb"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_text_is_trimmed_and_composed(text: str, expected: str) -> None:
    assert clean_text(text, 100) == expected


@pytest.mark.parametrize(
    ("text", "code"), [("a\0b", "nul"), ("a\udce9", "undecodable"), ("x" * 11, "too_long")]
)
def test_what_cannot_be_stored_is_refused(text: str, code: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_text(text, 10)
    assert refusal.value.code == code
    refusal.value.message.encode()
    assert "\0" not in refusal.value.message


def test_the_limit_is_said() -> None:
    with pytest.raises(CleaningError, match="has 1,200 characters; at most 1,000 fit"):
        clean_text("x" * 1200, 1000)


@given(st.text())
def test_cleaned_text_stays_as_it_is(text: str) -> None:
    try:
        once = clean_text(text, 10_000)
    except CleaningError:
        return
    assert clean_text(once, 10_000) == once == unicodedata.normalize("NFC", once).strip()


@given(st.text(st.characters()))
def test_storable_text_can_be_encoded(text: str) -> None:
    assert "\0" not in storable(text)
    storable(text).encode()
    shown(text).encode()
    assert len(shown(text)) <= 82


def test_naughty_strings_are_stored_or_refused() -> None:
    for text in json.loads(shared_file("strings/blns.json").read_text(encoding="utf-8")):
        with suppress(CleaningError):
            clean_text(text, 10_000).encode()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("  Ána   RUÍZ ", "ana ruiz"),
        ("Müller", "muller"),
        ("STRASSE", "strasse"),
        ("Straße", "straße"),
        ("İstanbul", "istanbul"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("a\u00a0\u3000b", "a b"),
        ("ﬁn", "fin"),
    ],
)
def test_fold_key(text: str, key: str) -> None:
    assert fold_key(text) == key


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a, b;c|d", ["a", "b", "c", "d"]),
        ('"Lorem Editors","Foo, Bar"', ["Lorem Editors", "Foo, Bar"]),
        ('"say ""hi""", b', ['say "hi"', "b"]),
        ('5" pipe, b', ['5" pipe', "b"]),
        ("", []),
        (" ,; ", []),
        ("[]", []),
        ('["a", "b, c"]', ["a", "b, c"]),
        ("[not json]", ["[not json]"]),
        ("another-label, and-one-more", ["another-label", "and-one-more"]),
    ],
)
def test_lists_are_split(text: str, items: list[str]) -> None:
    assert split_list(text) == items


@given(st.text())
def test_any_text_can_be_split(text: str) -> None:
    assert all(item == item.strip() != "" for item in split_list(text))
