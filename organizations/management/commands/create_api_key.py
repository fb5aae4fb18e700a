from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.management.organization_argument import add_organization, organization_of
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.api_keys import api_key_create


class Command(BaseCommand):
    help = "Make an API key; prints the key, once, and nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        add_organization(parser)
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.ADMIN)

    def handle(self, *args: Any, **options: Any) -> None:
        organization = organization_of(options["organization"])
        try:
            with organization_scope(organization):
                _, text = api_key_create(name=options["name"], role=options["role"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(text)
