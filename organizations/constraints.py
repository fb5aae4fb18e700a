"""From the name of a constraint that a row broke to the field that people know."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

from organizations.fields import TenantForeignKeyConstraint


@cache
def _constraints() -> dict[str, tuple[type[models.Model], models.BaseConstraint]]:
    return {
        constraint.name: (model, constraint)
        for model in apps.get_models()
        for constraint in model._meta.constraints
    }


def constraint_error(error: IntegrityError) -> ValidationError | None:
    """What to tell about a broken constraint, on its field; None for one that no model declares."""
    diagnosis = getattr(error.__cause__, "diag", None)
    model, constraint = _constraints().get(
        getattr(diagnosis, "constraint_name", "") or "", (None, None)
    )
    if model is None or constraint is None:
        return None
    if isinstance(constraint, TenantForeignKeyConstraint):
        return ValidationError(
            {constraint.field: ValidationError("Unknown id.", code="unknown_id")}
        )
    if isinstance(constraint, models.UniqueConstraint):
        name = constraint.fields[-1].removesuffix("_key") if constraint.fields else ""
        message = f"There is a {model._meta.verbose_name} with this {name or 'value'} already."
        return ValidationError({name: ValidationError(message, code="unique")})
    return ValidationError(f"This breaks the rule {constraint.name}.", code="constraint")


@contextmanager
def constraints_told() -> Iterator[None]:
    """Raise ValidationError, on the field, for a broken constraint that a model declares."""
    try:
        yield
    except IntegrityError as error:
        told = constraint_error(error)
        if told is None:
            raise
        raise told from error
