"""The base of every table that belongs to an organization."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.constants import LOOKUP_SEP

from organizations.fields import OrganizationField
from organizations.scope import CurrentOrganization


class TenantQuerySet(models.QuerySet):
    """Rows of tenants."""

    def exclude(self, *args: Any, **kwargs: Any) -> Any:
        """As Django's, but refuses to cross a relation: its subquery would drop the organization."""
        for lookup in kwargs:
            name = lookup.split(LOOKUP_SEP)[0]
            crosses = LOOKUP_SEP in lookup and name in self._relation_names()
            if crosses and not lookup.endswith(("__in", "__isnull", "__exact", "_id")):
                raise NotImplementedError(
                    f"exclude({lookup}=…) crosses a relation: use filter(~Exists(…))."
                )
        return super().exclude(*args, **kwargs)

    def _relation_names(self) -> set[str]:
        return {field.name for field in self.model._meta.get_fields() if field.is_relation}


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
