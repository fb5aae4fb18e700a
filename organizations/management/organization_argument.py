"""The argument of commands that work in one organization."""

from django.core.management.base import CommandError, CommandParser

from organizations.models import Organization


def add_organization(parser: CommandParser) -> None:
    parser.add_argument("--organization", required=True, metavar="SLUG")


def organization_of(slug: str) -> Organization:
    """The organization with a slug; a CommandError that lists those that exist otherwise."""
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise CommandError(f"There is no organization {slug}. There are: {known or 'none yet'}.")
    return organization
