"""A browser without a browser: a logged-in client of one organization's pages."""

from typing import Any

from django.test import Client

from organizations.models import Organization, User
from organizations.roles import Role
from tests.factories import make_user


class Screens:
    """GET and POST below `/o/<slug>/`, as one member."""

    def __init__(
        self, organization: Organization, user: User | None = None, role: str = Role.OWNER
    ):
        self.organization = organization
        self.user = user or make_user(organization, role=role)
        self.client = Client()
        self.client.force_login(self.user)

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(self.address(path), query or {}, headers=headers or None)

    def post(self, path: str, values: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.post(self.address(path), values or {}, headers=headers or None)

    def address(self, path: str) -> str:
        return f"/o/{self.organization.slug}/{path}"
