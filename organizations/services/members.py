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

    Addresses are not proven, so an account that exists is never let in here: whoever made it might not be who the
    address says. The installation's operator can (`manage.py add_member`). Raises ValidationError for such an
    address, for a member, and when the password is not good.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user and OrganizationMembership.objects.filter(user=user).exists():
        raise ValidationError({"email": "This person is a member already."})
    if user:
        message = "This address can't be invited here. Whoever runs the installation can let it in, with add_member."
        raise ValidationError({"email": message})
    return member_add(user=_account(email, name, password), role=role)


def _account(email: str, name: str, password: str) -> User:
    user = User(email=email.strip().lower(), name=name)
    if not password:
        raise ValidationError({"password": "Give a first password."})
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({"password": error.messages}) from error
    user.full_clean(exclude=["password"])
    return User.objects.create_user(user.email, password, name=name)
