from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef

from contacts.querysets import ContactQuerySet
from organizations.ids import id_of
from organizations.models import TenantQuerySet
from tags.models import Tag, TagAssignment
from tags.names import tag_key


def with_tag(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    """The contacts that have a tag, given by name or id; several, separated by commas, are all wanted."""
    for name in value.split(","):
        contacts = contacts.filter(Exists(_assignments(name.strip())))
    return contacts


def _assignments(name: str) -> TenantQuerySet:
    tags = Tag.objects.filter(name_key=tag_key(name))
    if (number := id_of(name)) is not None:
        tags = Tag.objects.filter(pk=number) | tags
    return TagAssignment.objects.filter(contact_id=OuterRef("pk"), tag_id__in=tags.values("pk"))


def tags_of(contact_ids: Iterable[int]) -> dict[int, list[Tag]]:
    """The tags of some contacts, by contact, in order of name. One query."""
    assignments = TagAssignment.objects.filter(contact_id__in=list(contact_ids)).select_related(
        "tag"
    )
    found: dict[int, list[Tag]] = {}
    for assignment in assignments.order_by("tag__name_key"):
        found.setdefault(assignment.contact_id, []).append(assignment.tag)
    return found


def tag_labels(keys: Collection[str]) -> dict[str, str]:
    """The names of the tags that keys of history speak of. One query."""
    ids = [int(key.removeprefix("tag:")) for key in keys if key.startswith("tag:")]
    names = Tag.objects.filter(pk__in=ids).values_list("pk", "name")
    return {f"tag:{pk}": name for pk, name in names}
