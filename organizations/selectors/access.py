"""Who may enter which organization."""

from organizations.models import Organization, OrganizationMembership, User


def membership_of(*, user: User, slug: str) -> OrganizationMembership | None:
    """A user's membership of the organization with a slug, or None. Unscoped: it is what the scope comes from."""
    memberships = OrganizationMembership.unscoped.select_related("organization")
    return memberships.filter(user=user, organization__slug=slug).first()


def organizations_of(*, user: User) -> list[Organization]:
    """The organizations that a user is a member of, by name. Unscoped: it is what people choose from."""
    ids = OrganizationMembership.unscoped.filter(user=user).values("organization_id")
    return list(Organization.objects.filter(pk__in=ids).order_by("name"))
