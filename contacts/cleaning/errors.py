"""What every cleaner raises."""

import re

SHOWN_LENGTH = 80

_UNSHOWABLE = re.compile("[\ud800-\udfff\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class CleaningError(ValueError):
    """A value that cannot be kept. `code` is stable and for programs, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def shown(value: object) -> str:
    """Quote a value for a message: one line, at most 80 characters, safe to store and to print."""
    text = value if isinstance(value, str) else repr(value)
    if len(text) > SHOWN_LENGTH:
        text = text[: SHOWN_LENGTH - 1] + "…"
    return f"“{_UNSHOWABLE.sub('\ufffd', text)}”"
