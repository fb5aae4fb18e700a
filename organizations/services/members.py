"""Letting people in who may not have an account yet."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from organizations.models import OrganizationMembership, User
from organizations.services.organizations import member_add


@transaction.atomic
def member_invite(
    *, email: str, role: str, name: str = "", password: str = ""
) -> OrganizationMembership:
    """Let somebody into the organization in scope, by address; who has no account gets one with `password`.

    The account of somebody who has one is not touched. Raises ValidationError when they are a member already, or
    when a new account lacks a good password.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user and OrganizationMembership.objects.filter(user=user).exists():
        raise ValidationError({"email": "This person is a member already."})
    return member_add(user=user or _account(email, name, password), role=role)


def _account(email: str, name: str, password: str) -> User:
    user = User(email=email.strip().lower(), name=name)
    if not password:
        message = "Nobody has an account with this address yet: give a first password."
        raise ValidationError({"password": message})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    user.full_clean(exclude=["password"])
    return User.objects.create_user(user.email, password, name=name)
