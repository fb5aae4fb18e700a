from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from organizations.roles import EDIT, READ, Role


class RolePermission(BasePermission):
    """The key's role covers what the view asks for: `read_role` to look, `write_role` for everything else."""

    message = ""

    def has_permission(self, request: Request, view: Any) -> bool:
        key: Any = request.auth
        if key is None:
            return False
        needed: Role = (
            getattr(view, "read_role", READ)
            if request.method in SAFE_METHODS
            else getattr(view, "write_role", EDIT)
        )
        has = Role(key.role)
        self.message = f"This needs the role {needed.value}; the key has {has.value}."
        return has.covers(needed)
