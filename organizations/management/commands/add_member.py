import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from organizations.management.organization_argument import add_organization, organization_of
from organizations.models import User
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.organizations import member_add


class Command(BaseCommand):
    help = "Let somebody into an organization, or change their role; prints a first password for a new account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        add_organization(parser)
        parser.add_argument("--role", choices=Role.values, default=Role.OWNER)

    def handle(self, *args: Any, **options: Any) -> None:
        organization = organization_of(options["organization"])
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            password = secrets.token_urlsafe(12)
            user = User.objects.create_user(options["email"], password)
            self.stdout.write(f"Made an account with the password {password}")
        with organization_scope(organization):
            member_add(user=user, role=options["role"])
        self.stdout.write(f"{user.email} is {options['role']} of {organization.name}")
