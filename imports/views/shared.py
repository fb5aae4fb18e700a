"""What the wizard's views have in common."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from imports.models import ImportJob
from imports.selectors.import_list import import_list
from organizations.keyset import Order, Page, keyset_page


def found(pk: int) -> ImportJob:
    """An import of the organization in scope, else 404."""
    return get_object_or_404(import_list(), pk=pk)


def page_of(
    rows: QuerySet[Any], request: Any, order: Order, *, start: str | None = None, **options: Any
) -> Page:
    """The page that the URL's cursor asks for, `start` without one; the first for a cursor that was not given out."""
    try:
        return keyset_page(rows, order=order, cursor=request.GET.get("cursor") or start, **options)
    except ValidationError:
        return keyset_page(rows, order=order, **options)


def place_errors(
    form: forms.Form, error: ValidationError, names: dict[str, str] | None = None
) -> None:
    """A service's errors at the fields they are about; others above the form."""
    by_name = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for path, errors in by_name.items():
        name = (names or {}).get(path, path)
        form.add_error(name if name in form.fields else None, ValidationError(errors))
