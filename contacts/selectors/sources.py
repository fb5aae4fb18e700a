"""Where the values of a contact come from: who or what wrote each last, and what of it stands."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models.expressions import RawSQL

from contacts.models import ChangeType, ContactHistory
from contacts.selectors.places import Place, places_of
from organizations.scope import current_organization_id
from organizations.statements import positional, statement

# What a new contact has without anybody's saying it.
DEFAULTS = ("kind", "is_active", "is_subscribed")


@dataclass(frozen=True, slots=True)
class Source:
    """The change that a value comes from, and the row of a file behind it.

    `is_default` where the contact was made in that change, and it did not say the value.
    """

    change: ContactHistory
    place: Place | None
    is_default: bool


def contact_sources(*, contact_id: int, keys: Collection[str]) -> dict[str, Source]:
    """The sources of some keys of a contact, where they are known. Two queries, the second if there are imports."""
    changes = _owners(contact_id, keys)
    places = places_of(contact_id=contact_id, changes=changes)
    return {
        key: Source(change, places.get(change.operation_id), key not in change.new_value)
        for key, change in _by_key(changes, keys).items()
    }


def _owners(contact_id: int, keys: Collection[str]) -> list[ContactHistory]:
    """The changes that own at least one of the keys, and the creation, in their order."""
    sql, values = positional(
        statement("contacts", "owners"),
        {
            "organization_id": current_organization_id(),
            "contact_id": contact_id,
            "keys": list(keys),
        },
    )
    rows = ContactHistory.objects.filter(pk__in=RawSQL(sql, values))
    rows = rows.select_related("operation", "operation__api_key", "changed_by")
    return list(rows.order_by("pk"))


def _by_key(changes: list[ContactHistory], keys: Collection[str]) -> dict[str, ContactHistory]:
    created = [each for each in changes if each.change_type == ChangeType.CREATED]
    found = {key: each for each in created for key in DEFAULTS if key in keys}
    return found | {key: each for each in changes for key in each.new_value if key in keys}
