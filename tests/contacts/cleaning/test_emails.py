import json
import string
import xml.etree.ElementTree as ElementTree

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from contacts.cleaning import emails
from contacts.cleaning.emails import CleanEmail, clean_email, email_key
from contacts.cleaning.errors import CleaningError
from tests.shared_data import shared_file

LOCAL = st.text(string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~.", min_size=1)
DOMAIN = st.text(string.ascii_letters + string.digits + "-.", min_size=1, max_size=80)
ADDRESS = st.builds("{}@{}".format, LOCAL, DOMAIN)


def key_or_none(text: str) -> str | None:
    try:
        return email_key(text)
    except CleaningError:
        return None


def key_by_library(text: str) -> str | None:
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    if "." not in (found.ascii_domain or ""):
        return None
    return f"{text.rpartition('@')[0].lower()}@{found.ascii_domain}".lower()


def is_wrapped(address: str) -> bool:
    """White space and names around an address are what we take off and the library refuses."""
    return address != address.strip() or address.endswith(">")


@given(st.one_of(ADDRESS, st.emails()))
@example("a@localhost.com")
@example("a@x.local")
@example("a@x.LOCALHOST")
@example("a@x.locale")
@example("a@a--b.com")
@example("a@-b.com")
@example("a@b.c-d")
@example("a@b.1")
@example("a@xn--exmple-cua.com")
@example("a@xn--a.com")
@example("a" * 64 + "@b.de")
@example("a" * 250 + "@b.de")
@example("a@" + "b" * 63 + ".de")
@example("a@" + "b" * 64 + ".de")
@example("a@test")
@example("a@b.test")
def test_fast_path_has_the_verdict_and_key_of_email_validator(address: str) -> None:
    assert key_or_none(address) == key_by_library(address)


@given(st.one_of(ADDRESS, st.emails()))
def test_the_regular_expression_never_accepts_what_the_library_refuses(address: str) -> None:
    if emails._PLAIN.match(address) and len(address) <= 63:
        assert key_by_library(address) == address.lower()


@given(st.emails())
def test_key_is_the_key_of_itself(address: str) -> None:
    key = key_or_none(address)
    if key is not None:
        assert email_key(key) == key


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("Ana@Exämple.com", "ana@xn--exmple-cua.com"),
        ("ana@xn--exmple-cua.com", "ana@xn--exmple-cua.com"),
        ("ana@EXA\u0308MPLE.com", "ana@xn--exmple-cua.com"),
        ("JosÉ@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("ΣΊΣΥΦΟΣ@example.com", "σίσυφοσ@example.com"),
        ("σίσυφος@example.com", "σίσυφοσ@example.com"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
    ],
)
def test_spellings_of_one_address_have_one_key(spelling: str, key: str) -> None:
    assert email_key(spelling) == key


@pytest.mark.parametrize(
    "text",
    [
        "  Ana@Example.com\t",
        "\u200bAna@Example.com\ufeff",
        "\u00a0Ana@Example.com\u3000",
        "mailto:Ana@Example.com",
        "MAILTO: Ana@Example.com",
        "Ana Ruiz <Ana@Example.com>",
        '"Ruiz, Ana" <Ana@Example.com>',
        "<Ana@Example.com>",
        "Ana <mailto:Ana@Example.com>",
    ],
)
def test_the_address_is_taken_out_of_its_wrapping(text: str) -> None:
    assert clean_email(text) == CleanEmail("Ana@Example.com", "ana@example.com")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "ana",
        "ana@",
        "@example.com",
        "a@localhost",
        "a@test",
        "a@printer.local",
        "a@b@example.com",
        "a b@example.com",
        "a..b@example.com",
        ".a@example.com",
        "a@[127.0.0.1]",
        '"a b"@example.com',
        "a@b.com,c@d.com",
        "a@b.com; c@d.com",
        "a\ufffd@example.com",
        f"a{chr(0xDCE9)}@example.com",
        "a\0@example.com",
        "a\u200b@example.com",
        "a@exam ple.com",
        "é" * 130 + "@example.com",
        "x" * 100_000,
        "@" * 5_000,
        "a@" + "b." * 5_000 + "com",
    ],
)
def test_what_is_no_address_is_refused_with_a_short_message(text: str) -> None:
    with pytest.raises(CleaningError) as refusal:
        clean_email(text)
    assert refusal.value.code in {"invalid_email", "several_emails"}
    assert len(refusal.value.message) < 400
    refusal.value.message.encode()


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_a_cleaning_error(text: str) -> None:
    key_or_none(text)


def test_the_vectors_of_email_validator() -> None:
    vectors = json.loads(shared_file("email/python-email-validator-vectors.json").read_text())
    for address, _ in vectors["test_email_valid"]:
        if is_wrapped(address):
            continue
        assert key_or_none(address) == key_by_library(address), address
    for name, cases in vectors.items():
        if name != "test_email_invalid_syntax":
            continue
        for address, *_ in cases:
            assert is_wrapped(address) or key_or_none(address) is None, address


@pytest.mark.parametrize("name", ["email/tests.xml", "email/tests-original.xml"])
def test_the_addresses_of_isemail_get_the_verdict_of_email_validator(name: str) -> None:
    root = ElementTree.parse(shared_file(name)).getroot()
    addresses = [node.text or "" for node in root.iter("address")]
    assert len(addresses) > 100
    for address in addresses:
        if not is_wrapped(address):
            assert key_or_none(address) == key_by_library(address), address
