from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from organizations.roles import CONFIGURE, EDIT, Role
from organizations.selectors.access import organizations_of
from organizations.selectors.notices import unread_count


def organization(request: HttpRequest) -> dict[str, Any]:
    """The organization of the page, what its reader may do, and where else they can go."""
    current = getattr(request, "organization", None)
    role = getattr(request, "role", None)
    if current is None or role is None:
        return {}
    return {
        "organization": current,
        "role": role,
        "may_edit": Role(role).covers(EDIT),
        "may_configure": Role(role).covers(CONFIGURE),
        "unread_notices": SimpleLazyObject(lambda: unread_count(user=request.user)),  # type: ignore[arg-type]
        "organizations": SimpleLazyObject(lambda: organizations_of(user=request.user)),  # type: ignore[arg-type]
    }
