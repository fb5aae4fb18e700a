from django.db.models import Q

from organizations.models import MaterializedViewRefresh


def view_refreshed(
    *, name: str, organization_id: int | None = None
) -> MaterializedViewRefresh | None:
    """When a materialised view was last refreshed, and how long that took; None before the first time."""
    whose = Q(organization_id=organization_id)
    return MaterializedViewRefresh.objects.filter(whose, name=name).first()
