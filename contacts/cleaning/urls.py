"""Web addresses."""

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import trim

MAX_LENGTH = 2_048

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_FORBIDDEN = re.compile('[\x00-\x20\x7f-\x9f\ud800-\udfff<>"\\\\^`{|}\\s]')
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w](?:[\w-]{0,61}[\w])\Z")


def clean_url(text: str) -> str:
    """Return an http or https address; `https://` is put before one without scheme.

    Scheme and host come back in lower case, the rest as typed. Raises CleaningError.
    """
    url = unicodedata.normalize("NFC", trim(text))
    if len(url) > MAX_LENGTH:
        raise _refused(text, f"it has more than {MAX_LENGTH:,} characters")
    if _FORBIDDEN.search(url):
        raise _refused(text, "it contains spaces or characters that no address has")
    if not _SCHEME.match(url):
        url = "https://" + url.removeprefix("//")
    return _checked(url, text).geturl()


def _checked(url: str, text: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(text, "it cannot be read") from None
    if parts.scheme.lower() not in {"http", "https"}:
        raise _refused(text, "it has to begin with http:// or https://")
    if parts.username is not None:
        raise _refused(text, "it must not contain a user name or password")
    if not _is_host(host):
        raise _refused(text, "it has no valid host name")
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower())


def _is_host(host: str) -> bool:
    if _HOST.match(host):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _refused(text: str, reason: str) -> CleaningError:
    return CleaningError(
        "invalid_url", f"{shown(text)} is not a web address such as https://example.com: {reason}."
    )
