"""System checks that keep tenants apart."""

from typing import Any

from django.apps import apps
from django.core.checks import Error, register
from django.db.models import ForeignKey, OneToOneField

from organizations.fields import ON_DELETE, OrganizationField, TenantForeignKey
from organizations.models.tenant import TenantModel


@register()
def tenant_foreign_keys(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Links between tenant tables are composite, and the database itself knows what deletion does."""
    tenants = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    fields = [field for model in tenants for field in model._meta.local_fields]
    return [error for field in fields if (error := _check(field))]


def _check(field: Any) -> Error | None:
    if not isinstance(field, ForeignKey | OneToOneField) or isinstance(field, OrganizationField):
        return None
    to_tenant = issubclass(field.remote_field.model, TenantModel)
    if to_tenant and not isinstance(field, TenantForeignKey):
        return Error(
            "A link between tenant tables has to be a TenantForeignKey.", obj=field, id="kith.E001"
        )
    if field.remote_field.on_delete not in ON_DELETE:
        return Error("Use DB_CASCADE or DB_SET_NULL.", obj=field, id="kith.E002")
    return None
