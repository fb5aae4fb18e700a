"""A real SMTP server on a free port of this machine, which keeps what it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """Every message that arrived, oldest first."""

    messages: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def text(self) -> str:
        """The text of the one message that arrived."""
        (message,) = self.messages
        return str(message.get_content())


class _OnFreePort(Controller):
    def _trigger_server(self) -> None:
        # Only now is it known which port the system gave.
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """A server for the time of the block, and what arrives at it."""
    mailbox = Mailbox()
    server = _OnFreePort(mailbox, hostname="127.0.0.1", port=0)
    server.start()
    mailbox.url = f"smtp://127.0.0.1:{server.port}"
    try:
        yield mailbox
    finally:
        server.stop()
