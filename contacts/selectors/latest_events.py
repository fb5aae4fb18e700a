"""What a contact did last, however much that is in all."""

from collections.abc import Collection

from contacts.models import ContactEvent
from contacts.timeline import Bound
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement


def latest_events(
    *,
    contact_id: int,
    amount: int,
    bound: Bound | None = None,
    is_mail: bool | None = None,
    without: Collection[str] = (),
    is_of_people: bool = False,
) -> list[ContactEvent]:
    """The latest events of a contact: all of them, those of mails, or the others. Two queries."""
    params = {
        "organization_id": current_organization_id(),
        "contact_id": contact_id,
        "until": bound and bound.until,
        "below": bound and bound.below,
        "amount": amount,
        "is_mail": is_mail,
        "without": list(without),
        "is_of_people": is_of_people,
    }
    ids = [pk for (pk,) in fetch_all(statement("contacts", "events_latest"), params)]
    found = ContactEvent.objects.select_related("website").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
