"""E-mail addresses: the spelling that is shown and the key that an address is found by."""

import re
import unicodedata
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from contacts.cleaning.errors import CleaningError, shown

MAX_OCTETS = 254

# Anything longer is refused before a parser looks at it. A display name may stand in front.
_MAX_TYPED = 1_000

_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]++"
_LABEL = r"[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+"

# A subset of what email-validator accepts without changing it: a dot-atom, labels without double
# hyphens, a top-level domain of letters that is not a special-use name.
_PLAIN = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*+@(?P<domain>(?:{_LABEL}\.)++"
    r"(?!(?i:arpa|invalid|local|localhost|onion)\Z)[A-Za-z]++)\Z",
    re.ASCII,
)
_LONGEST_LABEL = 63

_EDGES = "".join(
    [
        *"\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff",
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    ]
)
_SEVERAL = re.compile(r"@[^@]*[,;\s][^@]*@")


class CleanEmail(NamedTuple):
    """`spelling` as it was typed, for people; `key` equal for every spelling of one address."""

    spelling: str
    key: str


def clean_email(text: str) -> CleanEmail:
    """Accept one e-mail address, without asking the DNS.

    `mailto:` and `Name <address>` are taken off. Raises CleaningError. The verdict is that of
    email-validator with test domains allowed; the regular expression only answers sooner.
    """
    plain = _PLAIN.match(text)
    if plain is not None and len(text) <= _LONGEST_LABEL:
        return CleanEmail(text, text.lower())
    address = _address_in(text)
    plain = _PLAIN.match(address)
    if plain is not None and _fits(address, plain["domain"]):
        return CleanEmail(address, address.lower())
    return _validated(address)


def email_key(text: str) -> str:
    """The key of an address; raises CleaningError when it is none."""
    return clean_email(text).key


def _fits(address: str, domain: str) -> bool:
    return len(domain) <= _LONGEST_LABEL and len(address) <= MAX_OCTETS


def _trimmed(text: str) -> str:
    trimmed = text.strip()
    while trimmed and (trimmed[0] in _EDGES or trimmed[-1] in _EDGES):
        trimmed = trimmed.strip(_EDGES).strip()
    return trimmed


def _address_in(text: str) -> str:
    if len(text) > _MAX_TYPED:
        raise _refused(text, "it is too long")
    address = _trimmed(text)
    if address.endswith(">") and "<" in address:
        address = _trimmed(address[address.rindex("<") + 1 : -1])
    if address[:7].lower() == "mailto:":
        address = _trimmed(address[7:])
    return address


def _validated(address: str) -> CleanEmail:
    if not address:
        raise _refused(address, "it is blank")
    if "\ufffd" in address:
        raise _refused(address, "a character was damaged before it came here")
    if _SEVERAL.search(address):
        raise CleaningError(
            "several_emails", f"{shown(address)} holds several addresses; keep one in this field."
        )
    try:
        found = validate_email(
            address,
            check_deliverability=False,
            test_environment=True,
            strict=False,
        )
    except EmailNotValidError as error:
        raise _refused(address, _first_sentence(str(error))) from None
    return _keyed(address, found.ascii_domain)


def _keyed(address: str, ascii_domain: str | None) -> CleanEmail:
    if not ascii_domain or "." not in ascii_domain:
        raise _refused(address, "the part after the @-sign should have a period")
    spelling = unicodedata.normalize("NFC", address)
    key = f"{_local_key(spelling.rpartition('@')[0])}@{ascii_domain.lower()}"
    if max(len(spelling.encode()), len(key.encode())) > MAX_OCTETS:
        raise _refused(address, f"it is longer than {MAX_OCTETS} bytes")
    return CleanEmail(spelling, key)


def _local_key(local: str) -> str:
    """Canonical caseless form (Unicode 3.13, D145), composed.

    Not NFKC: a full-width or superscript letter is another mailbox to every mail server.
    """
    decomposed = unicodedata.normalize("NFD", local)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed.casefold()))


def _first_sentence(reason: str) -> str:
    reason = reason if len(reason) <= 160 else reason[:159] + "…"
    return reason[:1].lower() + reason[1:].rstrip(".")


def _refused(text: str, reason: str) -> CleaningError:
    return CleaningError(
        "invalid_email",
        f"{shown(text)} is not an e-mail address such as ana@example.com: {reason}.",
    )
