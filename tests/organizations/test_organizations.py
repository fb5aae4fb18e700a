"""Organizations and who is in them, in which role."""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from organizations.models import Organization, OrganizationMembership, User
from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.selectors.access import membership_of, organizations_of
from organizations.services.members import member_invite
from organizations.services.organizations import (
    member_add,
    member_remove,
    member_role_change,
    organization_create,
)
from tests.factories import PASSWORD, make_organization, make_user


def membership(user: User) -> OrganizationMembership:
    return OrganizationMembership.objects.get(user=user)


def roles() -> list[str]:
    return sorted(OrganizationMembership.objects.values_list("role", flat=True))


def test_roles_cover_those_below_them() -> None:
    order = [Role.VIEWER, Role.MARKETER, Role.ADMIN, Role.OWNER]
    assert [[one.covers(two) for two in order] for one in order] == [
        [rank >= other for other in range(4)] for rank in range(4)
    ]


@pytest.mark.django_db
def test_an_organization_is_made_with_its_owner() -> None:
    user = make_user()
    organization = organization_create(name="Acme", slug="acme", owner=user)
    with organization_scope(organization):
        assert membership(user).role == Role.OWNER
    assert organizations_of(user=user) == [organization]
    found = membership_of(user=user, slug="acme")
    assert found is not None
    assert found.organization == organization


@pytest.mark.django_db
@pytest.mark.parametrize(
    "slug", ["", "Acme", "a b", "a--b", "-a", "a-", "é", "a/b", "a\n", "x" * 51]
)
def test_a_slug_that_is_no_part_of_an_address_is_refused(slug: str) -> None:
    with pytest.raises(ValidationError) as caught:
        organization_create(name="Acme", slug=slug)
    assert list(caught.value.error_dict) == ["slug"]


@pytest.mark.django_db
def test_a_slug_is_taken_once() -> None:
    make_organization(slug="acme")
    with pytest.raises(ValidationError):
        make_organization(slug="acme")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.create(name="Acme", slug="ACME")


@pytest.mark.django_db
@pytest.mark.parametrize("days", [0, 3651])
@pytest.mark.parametrize("field", ["import_retention_days", "import_archive_days"])
def test_retention_is_bounded(field: str, days: int) -> None:
    organization = Organization(name="A", slug="a", **{field: days})
    with pytest.raises(ValidationError) as caught:
        organization.full_clean()
    assert field in caught.value.error_dict


def test_a_stranger_is_no_member(organization: Organization) -> None:
    assert membership_of(user=make_user(), slug=organization.slug) is None
    assert membership_of(user=make_user(organization), slug="nowhere") is None
    assert membership_of(user=make_user(make_organization()), slug=organization.slug) is None


def test_the_last_owner_stays_one(organization: Organization) -> None:
    owner, admin = make_user(organization), make_user(organization, Role.ADMIN)
    for act in (
        lambda: member_role_change(membership=membership(owner), role=Role.ADMIN),
        lambda: member_remove(membership=membership(owner)),
    ):
        with pytest.raises(ValidationError, match="only owner"):
            act()
    assert roles() == ["admin", "owner"]
    member_role_change(membership=membership(admin), role=Role.OWNER)
    member_role_change(membership=membership(owner), role=Role.VIEWER)
    assert roles() == ["owner", "viewer"]
    member_remove(membership=membership(owner))
    assert roles() == ["owner"]


def test_adding_the_last_owner_again_in_another_role_is_refused(
    organization: Organization,
) -> None:
    owner = make_user(organization)
    with pytest.raises(ValidationError, match="only owner"):
        member_add(user=owner, role=Role.VIEWER)
    assert roles() == ["owner"]


def test_owners_of_other_organizations_do_not_count(organization: Organization) -> None:
    owner = make_user(organization)
    make_user(make_organization())
    with pytest.raises(ValidationError, match="only owner"):
        member_remove(membership=membership(owner))


def test_a_stale_membership_does_not_get_round_it(organization: Organization) -> None:
    """It was loaded while its user was an admin."""
    first, second = make_user(organization), make_user(organization, Role.ADMIN)
    stale = membership(second)
    member_role_change(membership=membership(second), role=Role.OWNER)
    member_role_change(membership=membership(first), role=Role.VIEWER)
    with pytest.raises(ValidationError, match="only owner"):
        member_remove(membership=stale)
    assert roles() == ["owner", "viewer"]


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_do_not_both() -> None:
    organization = make_organization()
    users = [make_user(organization), make_user(organization)]
    with organization_scope(organization):
        memberships = [membership(user) for user in users]
    barrier, outcomes = threading.Barrier(2), []

    def leave(mine: OrganizationMembership) -> None:
        try:
            with organization_scope(organization):
                barrier.wait(timeout=10)
                member_remove(membership=mine)
                outcomes.append("left")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[each]) for each in memberships]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    with organization_scope(organization):
        assert roles() == ["owner"], outcomes


def test_an_unknown_role_is_refused_by_the_database(organization: Organization) -> None:
    member = membership(make_user(organization))
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganizationMembership.objects.filter(pk=member.pk).update(role="root")


def test_inviting_somebody_new_makes_an_account(organization: Organization) -> None:
    made = member_invite(email=" New@X.org ", role=Role.VIEWER, name="New", password=PASSWORD)
    user = User.objects.get(email="new@x.org")
    assert made.user == user
    assert user.check_password(PASSWORD)
    with pytest.raises(ValidationError, match="member already"):
        member_invite(email="new@x.org", role=Role.VIEWER)


def test_inviting_an_account_leaves_its_password(organization: Organization) -> None:
    """Nobody proved that the account belongs to the address: only the operator lets it in."""
    user = make_user(make_organization())
    with pytest.raises(ValidationError, match="add_member"):
        member_invite(email=user.email, role=Role.VIEWER, password="another good password 9")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("password", ["", "12345678", "short"])
def test_a_new_account_needs_a_good_password(organization: Organization, password: str) -> None:
    with pytest.raises(ValidationError) as caught:
        member_invite(email="new@x.org", role=Role.VIEWER, password=password)
    assert list(caught.value.error_dict) == ["password"]
    assert not User.objects.filter(email="new@x.org").exists()


@pytest.mark.django_db
def test_addresses_of_users_are_one_whatever_their_case() -> None:
    user = User.objects.create_user(" Ana@X.org ", PASSWORD)
    assert User.objects.get_by_natural_key("ANA@x.ORG") == user
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="BOB@x.org")


@pytest.mark.django_db
def test_a_superuser_runs_the_installation_and_is_in_no_organization() -> None:
    organization = make_organization()
    root = User.objects.create_superuser("root@x.org", PASSWORD)
    assert root.is_staff
    assert root.has_perm("anything")
    assert membership_of(user=root, slug=organization.slug) is None
    anybody: Any = make_user(organization)
    assert not anybody.is_staff
    assert not anybody.has_perms(["anything"])
