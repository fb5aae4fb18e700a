from collections.abc import Sequence

from contacts.models import Contact, Identifier


def known_keys(*, column: str, keys: Sequence[str]) -> set[str]:
    """Which of some keys (`email_key` or `external_id`) find a living contact, by its first or a further one."""
    kind = "email" if column == "email_key" else column
    rows = Contact.objects.filter(**{f"{column}__in": keys}).values_list(column, flat=True)
    further = Identifier.objects.filter(kind=kind, value_key__in=keys, is_living=True)
    return {*rows, *further.values_list("value_key", flat=True)}
