import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.cleaning.errors import CleaningError
from contacts.cleaning.urls import clean_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com", "https://example.com"),
        (" HTTP://Example.COM/Path?Q=1#F ", "http://example.com/Path?Q=1#F"),
        ("www.example.com", "https://www.example.com"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("//example.com", "https://example.com"),
        ("http://www.accountInsert0.com", "http://www.accountinsert0.com"),
        ("https://müller.de/ä", "https://müller.de/ä"),
        ("http://127.0.0.1/", "http://127.0.0.1/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_web_addresses_are_read(text: str, expected: str) -> None:
    assert clean_url(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "ftp://example.com",
        "mailto:a@b.de",
        "https://",
        "https://localhost",
        "https://exa mple.com",
        "https://user:secret@example.com",
        "https://example.com:99999",
        "https://[::1",
        "https://-a.com",
        "https://a..com",
        "N/A",
        "https://example.com/\0",
        "https://example.com/\udce9",
        "https://example.com/" + "x" * 3_000,
    ],
)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_url(text)
    assert refusal.value.code == "invalid_url"
    refusal.value.message.encode()


@given(st.text(max_size=100))
def test_any_text_is_an_address_or_a_cleaning_error(text: str) -> None:
    try:
        once = clean_url(text)
    except CleaningError:
        return
    assert clean_url(once) == once
