"""Mails as files."""

from email import policy
from typing import Any

from django.core.mail.backends import filebased

# Mail servers want short lines, people whole links: nothing is folded or encoded.
READABLE = policy.default.clone(max_line_length=998, cte_type="8bit")


class EmailBackend(filebased.EmailBackend):
    """Django's, but a link can be copied from the file."""

    def write_message(self, message: Any) -> None:
        self.stream.write(message.message(policy=READABLE).as_bytes() + b"\n")
