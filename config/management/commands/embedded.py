"""`manage.py embedded url | start | stop`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import embedded


class Command(BaseCommand):
    help = "Print the addresses of the embedded PostgreSQL and Redis, or start or stop them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "action",
            choices=["url", "start", "stop"],
            help="url: print the addresses; start: start them and leave them running; stop: stop them unless in use",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, options["action"])()
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error

    def url(self) -> None:
        for name, address in embedded.urls().items():
            self.stdout.write(f"{name}={address}")

    def start(self) -> None:
        embedded.start()
        self.url()

    def stop(self) -> None:
        embedded.stop()
        self.stdout.write("Stopped.")
