"""Making, changing and deleting tags, and putting them on contacts."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.actors import Actor
from contacts.models import ContactOperation, OperationKind
from contacts.rules.usage import require_unused, word_rename
from contacts.services.contacts import contacts_patch
from contacts.services.operations import operation_finish, operation_start
from contacts.services.writing import Batch, Patch, contacts_write
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id
from organizations.statements import statement
from tags.models import Tag, TagAssignment
from tags.names import tag_key, validated_tag_name

# Told apart in light and dark, and by people who see few colours; a new tag takes the next one.
DELETED_AT_ONCE = 10_000
PALETTE = ["#2563eb", "#c2410c", "#0f766e", "#a21caf", "#b45309", "#4d7c0f", "#be123c", "#6b7280"]


@transaction.atomic
def tags_ensure(*, names: Iterable[str]) -> dict[str, Tag]:
    """The tags of some names, made where missing, by key (`tags.names.tag_key`). Two or three queries.

    Raises ValidationError for a name that is no tag's. Locks the contacts of the organization.
    """
    wanted: dict[str, str] = {}
    for name in names:
        wanted.setdefault(tag_key(name), validated_tag_name(name))
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    known = {tag.name_key: tag for tag in Tag.objects.filter(name_key__in=wanted)}
    missing = [
        Tag(name=name, name_key=key, color=PALETTE[number % len(PALETTE)])
        for number, (key, name) in enumerate(wanted.items())
        if key not in known
    ]
    return known | {tag.name_key: tag for tag in Tag.objects.bulk_create(missing)}


def tags_named(*, names: Iterable[str]) -> list[Tag]:
    """The tags with these names, whatever their case. Raises ValidationError by path for one that isn't there."""
    listed = list(names)
    known = {tag.name_key: tag for tag in Tag.objects.filter(name_key__in=map(tag_key, listed))}
    errors = {
        f"tags.{position}": ValidationError(f"There is no tag “{name[:100]}”.", code="unknown_tag")
        for position, name in enumerate(listed)
        if tag_key(name) not in known
    }
    if errors:
        raise ValidationError(errors)
    return list(known.values())


@transaction.atomic
def tag_create(*, name: str, color: str = "", description: str = "") -> Tag:
    """Make a tag. Raises ValidationError when the name is taken, whatever its case."""
    tag = Tag(name=validated_tag_name(name), color=color or PALETTE[0], description=description)
    return _save(tag)


@transaction.atomic
def tag_update(*, tag: Tag, name: str, color: str, description: str) -> Tag:
    """Rename or describe a tag; rules that use it follow. Raises ValidationError when the name is taken."""
    old = tag.name_key
    tag.name, tag.color, tag.description = validated_tag_name(name), color, description
    _save(tag)
    if tag.name_key != old:
        word_rename("tag", old, tag.name)
    return tag


def _save(tag: Tag) -> Tag:
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    tag.name_key = tag_key(tag.name)
    twin = Tag.objects.filter(name_key=tag.name_key).exclude(pk=tag.pk).first()
    if twin:
        raise ValidationError(
            {"name": ValidationError(f"There is a tag “{twin.name}” already.", code="unique")}
        )
    tag.full_clean(exclude=["organization"], validate_constraints=False)
    tag.save()
    return tag


@transaction.atomic
def tag_delete(*, tag: Tag, actor: Actor) -> ContactOperation:
    """Take a tag off every contact, with their history, and delete it. The tag itself does not come back by undoing.

    Raises ValidationError while rules use it, and when more than DELETED_AT_ONCE contacts have it: that would hold
    everybody up. Locks the contacts of the organization until it is done.
    """
    require_unused("tag", tag.name_key, f"the tag {tag.name}")
    held = TagAssignment.objects.filter(tag_id=tag.pk)[: DELETED_AT_ONCE + 1].count()
    if held > DELETED_AT_ONCE:
        raise ValidationError(
            f"More than {DELETED_AT_ONCE:,} contacts have this tag. First take it off them: choose them in the list "
            "by the tag, and remove it from all that match. That runs in the background.",
            code="too_many",
        )
    operation = operation_start(
        kind=OperationKind.BULK_EDIT, actor=actor, label=f"Deleted the tag {tag.name}"
    )
    batch = Batch(
        incoming=statement("tags", "delete_incoming"),
        match="any_id",
        mode="update",
        params={"tag_id": tag.pk},
        sink="select count(*) from plan",
    )
    ((count,),) = contacts_write(operation=operation, batch=batch)
    Tag.objects.filter(pk=tag.pk).delete()
    return operation_finish(operation=operation, summary={"updated": count})


def tag_patch(*, add: Iterable[Tag] = (), remove: Iterable[Tag] = ()) -> Patch:
    """The part of a contact's patch that assigns and removes tags."""
    return {f"tag:{tag.pk}": None for tag in remove} | {f"tag:{tag.pk}": True for tag in add}


def tags_assign(*, ids: Sequence[int], tags: Sequence[Tag], actor: Actor) -> ContactOperation:
    """Put tags on contacts, in one statement; who has them already is left as is."""
    return contacts_patch(
        ids=ids, patch=tag_patch(add=tags), actor=actor, label=f"Tagged with {_names(tags)}"
    )


def tags_remove(*, ids: Sequence[int], tags: Sequence[Tag], actor: Actor) -> ContactOperation:
    """Take tags off contacts, in one statement."""
    return contacts_patch(
        ids=ids, patch=tag_patch(remove=tags), actor=actor, label=f"Removed the tags {_names(tags)}"
    )


def _names(tags: Sequence[Tag]) -> str:
    return ", ".join(tag.name for tag in tags)
