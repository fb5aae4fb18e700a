from django.core.exceptions import ValidationError

from contacts.querysets import ContactQuerySet
from imports.models import KeptRecord, Outcome
from organizations.ids import id_of


def from_import(contacts: ContactQuerySet, value: str) -> ContactQuerySet:
    """The contacts of an import, `12`, or of one of its outcomes, `12:created`."""
    text, _, outcome = value.partition(":")
    number = id_of(text)
    if number is None or (outcome and outcome not in Outcome.values):
        raise ValidationError(
            {"import": "Give the id of an import, or 12:created for one outcome."}
        )
    records = KeptRecord.objects.filter(import_job_id=number, contact_id__isnull=False)
    if outcome:
        records = records.filter(outcome=outcome)
    return contacts.filter(pk__in=records.values("contact_id"))
