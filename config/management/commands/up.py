"""`manage.py up`: everything on this machine, in one terminal."""

import argparse
import contextlib
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import EmbeddedError
from config.up.address import Address
from config.up.supervisor import Supervisor


class Command(BaseCommand):
    help = "Start database, queue, web server, workers and schedule, load the demo, and watch them until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"
        )
        parser.add_argument(
            "--port", type=port, default=8000, help="port to listen on (default: 8000)"
        )
        parser.add_argument(
            "--workers", type=positive, default=2, help="how many job workers (default: 2)"
        )
        parser.add_argument(
            "--no-demo", action="store_true", help="leave out the demo organization"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor(
            address=Address(options["host"], options["port"]),
            workers=options["workers"],
            with_demo=not options["no_demo"],
            say=self.say,
        )
        try:
            supervisor.run()
        except EmbeddedError as error:
            raise CommandError(str(error)) from error

    def say(self, text: str) -> None:
        """Print at once, also into a pipe; a terminal that has gone must not stop the shutdown."""
        with contextlib.suppress(OSError):
            self.stdout.write(text)
            self.stdout.flush()


def port(text: str) -> int:
    number = int(text) if text.isdigit() else 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a port; it must be a number from 1 to 65535"
        )
    return number


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of at least 1")
    return int(text)
