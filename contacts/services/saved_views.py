"""Saving, changing and deleting views of the list of contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from contacts.cleaning.errors import CleaningError, shown
from contacts.cleaning.texts import clean_text, storable
from contacts.models import SavedView
from contacts.models.saved_view import NAME_LENGTH
from contacts.selectors.contact_columns import contact_columns
from contacts.selectors.contact_list import ORDERS, contact_list, filter_names
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.saved_views import may_change_view
from organizations.models import Organization, User
from organizations.roles import EDIT, Role
from organizations.scope import current_organization_id

MAX_VIEWS = 100
MAX_COLUMNS = 40
MAX_VALUE = 500


@transaction.atomic
def saved_view_create(
    *,
    name: str,
    columns: Sequence[str],
    sort: str,
    filters: Mapping[str, str],
    is_shared: bool = False,
    user: User | None,
    role: Role,
) -> SavedView:
    """Save a view. It belongs to `user`; a program's belongs to nobody and is shared.

    Raises ValidationError for a name that its owner has used, and for columns, sort or filters that the list doesn't
    know; PermissionDenied when it is to be shared by somebody who may not edit. Locks the organization's row.
    """
    view = SavedView(owner=user)
    values = {"columns": list(columns), "sort": sort, "filters": dict(filters)}
    return _save(view, {"name": name, "is_shared": is_shared} | values, user=user, role=role)


@transaction.atomic
def saved_view_update(
    *, view: SavedView, user: User | None, role: Role, **changes: Any
) -> SavedView:
    """Change what `changes` names: name, is_shared, columns, sort, filters. The rest stays as it is, known or not.

    Raises ValidationError as `saved_view_create`, and when somebody else than its owner makes a view private;
    PermissionDenied to whom it isn't for. Locks the organization's row.
    """
    current = SavedView.objects.select_for_update().get(pk=view.pk)
    _require_allowed(current, user, role)
    return _save(current, changes, user=user, role=role)


@transaction.atomic
def saved_view_delete(*, view: SavedView, user: User | None, role: Role) -> None:
    """Delete a view; contacts are not touched. Raises PermissionDenied to whom it isn't for."""
    _require_allowed(view, user, role)
    SavedView.objects.filter(pk=view.pk).delete()


def _require_allowed(view: SavedView, user: User | None, role: Role) -> None:
    if not may_change_view(view=view, user=user, role=role):
        raise PermissionDenied("This view is not yours to change.")


def _save(
    view: SavedView, changes: Mapping[str, Any], *, user: User | None, role: Role
) -> SavedView:
    for name, value in changes.items():
        if view.pk is None or getattr(view, name) != value:
            setattr(view, name, CHECKS[name](value))
    _require_owner_and_role(view, user, role)
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
    view.name_key = " ".join(view.name.casefold().split())[: 2 * NAME_LENGTH]
    _require_room(view)
    view.save()
    return view


def _require_owner_and_role(view: SavedView, user: User | None, role: Role) -> None:
    if view.is_shared and not role.covers(EDIT):
        raise PermissionDenied("Views that are shared with everybody take the role Marketer.")
    if not view.is_shared and (user is None or view.owner_id != user.pk):
        raise _refusal("is_shared", "Only its owner can make a view private.", "not_owner")


def _require_room(view: SavedView) -> None:
    others = SavedView.objects.filter(owner=view.owner_id).exclude(pk=view.pk)
    twin = others.filter(name_key=view.name_key).first()
    if twin is not None:
        raise _refusal("name", f"There is a view “{twin.name}” already.", "unique")
    if view.pk is None and others.count() >= MAX_VIEWS:
        raise ValidationError(
            f"{MAX_VIEWS} views are enough for anybody: delete one first.", code="too_many"
        )


def _name(value: str) -> str:
    try:
        name = " ".join(clean_text(value, NAME_LENGTH).split())
    except CleaningError as error:
        raise _refusal("name", error.message, error.code) from error
    if not name:
        raise _refusal("name", "A view needs a name.", "required")
    return name


def _columns(names: Sequence[str]) -> list[str]:
    known = contact_columns(custom_field_definitions())
    errors = {
        f"columns.{position}": ValidationError(
            f"There is no column {shown(name)}.", code="unknown_column"
        )
        for position, name in enumerate(names)
        if name not in known
    }
    if errors:
        raise ValidationError(errors)
    if len(names) > MAX_COLUMNS:
        raise _refusal("columns", f"A view has {MAX_COLUMNS} columns at most.", "too_many")
    return list(dict.fromkeys(names))


def _sort(sort: str) -> str:
    if sort.removeprefix("-") not in ORDERS:
        listed = ", ".join(ORDERS)
        raise _refusal("sort", f"Sort by one of {listed}; - in front turns it round.", "unknown")
    return sort


def _filters(filters: Mapping[str, str]) -> dict[str, str]:
    """The filters that are on. Raises ValidationError for those that the list doesn't know or can't read."""
    known = filter_names()
    kept = {name: value for name, value in filters.items() if value.strip()}
    for name, value in kept.items():
        if name not in known:
            path = f"filters.{storable(name[:80])}"
            raise _refusal(path, "The list has no such filter.", "unknown_filter")
        if len(value) > MAX_VALUE:
            raise _refusal(f"filters.{name}", f"Use {MAX_VALUE} characters at most.", "too_long")
    try:
        contact_list(filters=kept)
    except ValidationError as error:
        by_name = error.update_error_dict({}).items()
        raise ValidationError({f"filters.{name}": each for name, each in by_name}) from error
    return kept


CHECKS: dict[str, Any] = {
    "name": _name,
    "is_shared": bool,
    "columns": _columns,
    "sort": _sort,
    "filters": _filters,
}


def _refusal(field: str, message: str, code: str) -> ValidationError:
    return ValidationError({field: ValidationError(message, code=code)})
