"""Making organizations and letting people in."""

import zoneinfo
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction

from organizations.models import Organization, OrganizationMembership, User
from organizations.roles import Role
from organizations.scope import current_organization_id, organization_scope

Founder = Callable[[], object]
_founders: list[Founder] = []


def founding_listen(founder: Founder) -> None:
    """Have `founder` called in the scope of each new organization, in the transaction that makes it."""
    _founders.append(founder)


@transaction.atomic
def organization_create(
    *, name: str, slug: str, timezone: str = "UTC", country: str = "", owner: User | None = None
) -> Organization:
    """Make an organization, with its first owner.

    Raises ValidationError when the slug is taken or unfit, or nobody knows the timezone.
    """
    organization = Organization(name=name, slug=slug, timezone=timezone, country=country)
    organization.full_clean()
    if timezone not in zoneinfo.available_timezones():
        message = f"“{timezone}” is not the name of a timezone, such as Europe/Oslo."
        raise ValidationError({"timezone": ValidationError(message, code="unknown_timezone")})
    organization.save()
    with organization_scope(organization):
        if owner:
            member_add(user=owner, role=Role.OWNER)
        for founder in _founders:
            founder()
    return organization


@transaction.atomic
def organization_retention_change(
    *, import_retention_days: int, import_archive_days: int
) -> Organization:
    """Say how many days the organization in scope keeps what it imported. Raises ValidationError by field.

    It holds for imports of the past too, from the next run of the schedule.
    """
    locked = Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
    locked.import_retention_days = import_retention_days
    locked.import_archive_days = import_archive_days
    changed = {"import_retention_days", "import_archive_days"}
    locked.clean_fields(exclude={field.name for field in locked._meta.fields} - changed)
    locked.save(update_fields=changed)
    return locked


@transaction.atomic
def member_add(*, user: User, role: str) -> OrganizationMembership:
    """Let a user into the organization in scope, or change the role they have there.

    Raises ValidationError when nobody would own the organization.
    """
    membership = OrganizationMembership.objects.filter(user=user).first()
    if membership is not None:
        return member_role_change(membership=membership, role=role)
    return OrganizationMembership.objects.create(user=user, role=role)


@transaction.atomic
def member_role_change(*, membership: OrganizationMembership, role: str) -> OrganizationMembership:
    """Change a member's role. Raises ValidationError when nobody would own the organization."""
    locked = _locked(membership)
    if locked.role == Role.OWNER and role != Role.OWNER:
        _require_other_owner(locked)
    locked.role = role
    locked.save(update_fields=["role"])
    return locked


@transaction.atomic
def member_remove(*, membership: OrganizationMembership) -> None:
    """Shut a member out. Raises ValidationError when nobody would own the organization."""
    locked = _locked(membership)
    if locked.role == Role.OWNER:
        _require_other_owner(locked)
    locked.delete()


def _locked(membership: OrganizationMembership) -> OrganizationMembership:
    """The membership as it is now, behind the organization's lock: two owners can't leave at once."""
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
    return OrganizationMembership.objects.get(pk=membership.pk)


def _require_other_owner(membership: OrganizationMembership) -> None:
    owners = OrganizationMembership.objects.filter(role=Role.OWNER).exclude(pk=membership.pk)
    if not owners.exists():
        raise ValidationError(
            {"role": "This is the only owner. Make somebody else an owner first."},
            code="last_owner",
        )
