"""Tags as rows of a file."""

from organizations.admin_files import ServiceResource
from tags.models import Tag
from tags.names import tag_key
from tags.services.tags import tag_create, tag_update


class TagResource(ServiceResource):
    """A line is a tag, found by its name whatever the case."""

    class Meta:
        model = Tag
        fields = import_order = export_order = ("name", "color", "description")
        import_id_fields = ("name",)

    def find(self, key: str) -> Tag | None:
        return Tag.objects.filter(name_key=tag_key(key)).first()

    def service_save(self, instance: Tag, *, is_new: bool) -> Tag:
        values = {
            "name": instance.name,
            "color": instance.color,
            "description": instance.description,
        }
        return tag_create(**values) if is_new else tag_update(tag=instance, **values)
