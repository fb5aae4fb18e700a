"""Mails as files."""

import os
from contextlib import suppress
from email import policy
from typing import Any

from django.core.mail.backends import filebased

# Mail servers want short lines, people whole links: nothing is folded or encoded.
READABLE = policy.default.clone(max_line_length=998, cte_type="8bit")


class EmailBackend(filebased.EmailBackend):
    """Django's, but a link can be copied from the file, and nobody else on the machine can."""

    def __init__(self, *, file_path: str, **options: Any) -> None:
        # Why a folder can't be made, Django says.
        with suppress(OSError):
            os.makedirs(file_path, mode=0o700, exist_ok=True)
        super().__init__(file_path=file_path, **options)

    def open(self) -> bool:
        if self.stream is not None:
            return False
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.stream = os.fdopen(os.open(self._get_filename(), flags, 0o600), "ab")
        return True

    def write_message(self, message: Any) -> None:
        self.stream.write(message.message(policy=READABLE).as_bytes() + b"\n")
