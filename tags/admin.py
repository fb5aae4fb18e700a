"""Tags in the admin."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin

from contacts.actors import Actor
from contacts.models import Door
from organizations.admin_base import ServiceForm, TenantModelAdmin
from organizations.admin_files import ImportExportAdmin
from organizations.admin_site import site
from tags.models import Tag
from tags.resources import TagResource
from tags.services.tags import tag_create, tag_delete, tag_update


class TagAdminForm(ServiceForm):
    class Meta:
        model = Tag
        fields = ("name", "color", "description")


@admin.register(Tag, site=site)
class TagAdmin(ImportExportAdmin, TenantModelAdmin):
    form = TagAdminForm
    resource_classes = [TagResource]
    list_display = ("name", "contact_count", "color", "description", "created_at")
    search_fields = ("name",)
    ordering = ("name_key",)
    consequence = "It is taken off every contact that has it, which their history shows. This can't be undone."

    def service_save(self, request: Any, obj: Any, values: dict[str, Any], *, change: bool) -> Tag:
        return tag_update(tag=obj, **values) if change else tag_create(**values)

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for tag in objects:
            tag_delete(tag=tag, actor=Actor(door=Door.ADMIN, user=request.user))
