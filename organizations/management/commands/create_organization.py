from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.services.organizations import organization_create


class Command(BaseCommand):
    help = "Make an organization."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", required=True, help="its part of addresses: /o/<slug>/")
        parser.add_argument("--timezone", default="UTC")
        parser.add_argument(
            "--country", default="", help="for phone numbers without a country code"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("name", "slug", "timezone", "country")
        try:
            organization = organization_create(**{name: options[name] for name in names})
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"Made {organization.name} at /o/{organization.slug}/")
