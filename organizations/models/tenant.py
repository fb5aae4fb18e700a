"""The base of every table that belongs to an organization."""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.constants import LOOKUP_SEP

from organizations.fields import OrganizationField
from organizations.scope import CurrentOrganization

# What a lookup may say behind a foreign key without joining the table that it points to.
OF_THE_COLUMN = {"pk", "id", "exact", "in", "isnull"}


class TenantQuerySet(models.QuerySet):
    """Rows of tenants."""

    def exclude(self, *args: Any, **kwargs: Any) -> Any:
        """As Django's, but refuses to cross a relation: its subquery would drop the organization."""
        for lookup in [*kwargs, *(name for each in args for name in _lookups(each))]:
            if self._crosses(lookup):
                raise NotImplementedError(
                    f"exclude({lookup}=…) crosses a relation: use filter(~Exists(…))."
                )
        return super().exclude(*args, **kwargs)

    def _crosses(self, lookup: str) -> bool:
        """Whether a lookup leaves the table: behind a foreign key only its own column may be looked at."""
        name, *rest = lookup.split(LOOKUP_SEP)
        field = next((each for each in self.model._meta.get_fields() if each.name == name), None)
        if field is None or not field.is_relation:
            return False
        return not field.concrete or not set(rest) <= OF_THE_COLUMN


def _lookups(condition: Any) -> Iterator[str]:
    """The names that a condition, or one inside of it, looks at."""
    if isinstance(condition, Q):
        for child in condition.children:
            yield from _lookups(child)
    elif isinstance(condition, tuple):
        yield condition[0]


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """The rows of the organization in scope; using it outside of a scope raises when the query runs."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(Q(organization_id=CurrentOrganization()))


class TenantModel(models.Model):
    """A row of one organization. `objects` is scoped and fails closed; `unscoped` names the exception."""

    organization = OrganizationField()

    objects = TenantManager()
    unscoped = models.Manager.from_queryset(TenantQuerySet)()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"


def tenant_key(name: str) -> models.UniqueConstraint:
    """The unique key (organization, id) that composite foreign keys to a table refer to."""
    return models.UniqueConstraint(fields=["organization", "id"], name=f"{name}_tenant_key")
