"""Which living contact an id stands for today."""

from contacts.models import Contact

MAX_MERGES = 20


def contact_surviving(*, contact_id: int) -> Contact | None:
    """The living contact with an id or, where it was merged, its survivor; None when there is neither.

    One query, and one more for each merge on the way.
    """
    for _ in range(MAX_MERGES):
        contact = Contact.with_deleted.defer("search_vector").filter(pk=contact_id).first()
        if contact is None or contact.deleted_at is None:
            return contact
        if contact.merged_into_id is None:
            return None
        contact_id = contact.merged_into_id
    return None
