"""The saved views of the list that somebody sees, and may change."""

from django.db.models import Q

from contacts.models import SavedView
from organizations.models import TenantQuerySet, User
from organizations.roles import EDIT, Role


def saved_views_seen(*, user: User | None) -> TenantQuerySet:
    """A member's own views and the shared ones, by name; a program (no user) sees the shared ones."""
    shared = Q(is_shared=True)
    seen = shared if user is None else shared | Q(owner=user)
    return SavedView.objects.filter(seen).order_by("name_key", "pk")


def may_change_view(*, view: SavedView, user: User | None, role: Role) -> bool:
    """Shared views are changed by whoever may edit contacts, private ones by their owner alone."""
    if view.is_shared:
        return role.covers(EDIT)
    return user is not None and view.owner_id == user.pk
