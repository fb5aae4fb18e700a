"""What there is to say about the flat view of the organization in scope."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contacts.flat_view import view_columns, view_digest, view_name
from contacts.models import CustomFieldDefinition, FlatView, FlatViewStatus
from organizations.scope import current_organization_id
from organizations.selectors.view_refreshes import view_refreshed


@dataclass(frozen=True, slots=True)
class FlatViewState:
    """Its name with its schema; the column of each field by key; as of when it is and how long that took, None before it
    was made; whether the fields have changed since it was made; and why it could not be made, or an empty string.
    """

    name: str
    columns: dict[str, str]
    refreshed_at: datetime | None
    took: timedelta | None
    is_outdated: bool
    error: str


def flat_view_state(*, definitions: Iterable[CustomFieldDefinition]) -> FlatViewState:
    """Of all of the organization's fields. Two queries."""
    known, name = list(definitions), view_name(current_organization_id())
    view = FlatView.objects.first()
    refreshed = view_refreshed(name=name, organization_id=current_organization_id())
    return FlatViewState(
        name=name,
        columns=view_columns(known),
        refreshed_at=refreshed.refreshed_at if refreshed else None,
        took=refreshed.took if refreshed else None,
        is_outdated=view is None or view.digest != view_digest(known),
        error=view.error if view and view.status == FlatViewStatus.FAILED else "",
    )
