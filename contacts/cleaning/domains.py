"""Names of web sites: how they are kept."""

import re
from urllib.parse import urlsplit

from contacts.cleaning.errors import CleaningError, shown

MAX_LENGTH = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}\Z")


def clean_domain(text: str) -> str:
    """The domain in an address or a name, in lower case and ASCII. Raises CleaningError."""
    host = _host(text.strip()).rstrip(".")
    try:
        domain = host.encode("idna").decode().lower()
    except UnicodeError:
        raise _refused(text) from None
    if len(domain) > MAX_LENGTH or not _DOMAIN.match(domain):
        raise _refused(text)
    return domain


def _host(text: str) -> str:
    """The host of an address, of which people often give more than asked for."""
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        raise _refused(text) from None


def _refused(text: str) -> CleaningError:
    return CleaningError("invalid", f"{shown(text)} is not a domain such as shop.example.com.")
