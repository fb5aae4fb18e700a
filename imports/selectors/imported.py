from django.core.exceptions import ValidationError

from contacts.querysets import ContactQuerySet
from imports.models import KeptRecord, Outcome


def from_import(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    """The contacts of an import, `12`, or of one of its outcomes, `12:created`."""
    number, _, outcome = value.partition(":")
    if not number.isdecimal() or len(number) > 18 or (outcome and outcome not in Outcome.values):
        raise ValidationError(
            {"import": "Give the id of an import, or 12:created for one outcome."}
        )
    records = KeptRecord.objects.filter(import_job_id=int(number), contact_id__isnull=False)
    if outcome:
        records = records.filter(outcome=outcome)
    return contacts.filter(pk__in=records.values("contact_id"))
