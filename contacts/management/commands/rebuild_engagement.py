from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contacts.services.engagement import engagement_rebuild
from organizations.management.organization_argument import add_organization, organization_of
from organizations.scope import organization_scope


class Command(BaseCommand):
    help = (
        "Compute the engagement of every contact from its events; prints how many figures differed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_organization(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        with organization_scope(organization_of(options["organization"])):
            differed = engagement_rebuild()
        if differed is None:
            raise CommandError("The engagement of this organization is being computed already.")
        self.stdout.write(f"{differed:,} contacts had other figures")
