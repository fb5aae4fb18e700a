"""Giving custom fields slots (`contacts.slots`), and filling and clearing those in the background.

From the commit that gives a field its slot, whoever writes contacts writes the slot too: both hold the organization's
contact lock. So a filling has to go over the contacts once, in the order of their ids, and never looks back.
"""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, CustomFieldDefinition, FieldType, SlotJob, SlotJobStatus
from contacts.models.custom_field import SLOTS_OF_TYPE
from contacts.services.definitions import definitions_change
from contacts.slots import slot_sql
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id
from organizations.services.leases import Lease, lease_renew, work_enqueue
from organizations.services.slices import SLICE_SECONDS, slice_run
from organizations.statements import execute, fetch_all, statement

BATCH = 5_000


@transaction.atomic
def slot_give(*, definition: CustomFieldDefinition) -> None:
    """Give a field a slot at once, and have it filled in the background; nothing when it has one, unless the filling
    was given up: it is tried again.

    Raises ValidationError, which names the fields in the way, when every slot of its type is taken or it has no value
    that could be indexed. Locks the contacts of the organization.
    """
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    definition.refresh_from_db(fields=["slot", "is_indexed", "slot_ready_at"])
    if definition.slot is not None:
        _retry(definition.slot, definition)
        return
    definition.slot = _free_slot(definition)
    definition.is_indexed, definition.slot_ready_at = True, None
    _save(definition)
    _job_start(definition.slot, definition)


def _retry(slot: str, definition: CustomFieldDefinition) -> None:
    if SlotJob.objects.filter(slot=slot, status=SlotJobStatus.FAILED).exists():
        _job_start(slot, definition)


def _free_slot(definition: CustomFieldDefinition) -> str:
    slots = SLOTS_OF_TYPE.get(FieldType(definition.type))
    if slots is None:
        kind = definition.get_type_display()
        raise _refused(f"Fields of the type “{kind}” are not indexed: an index saves nothing here.")
    taken = CustomFieldDefinition.objects.filter(slot__in=slots)
    free = set(slots) - set(taken.values_list("slot", flat=True))
    if not free:
        raise _refused(_full(taken.order_by("label")))
    # What nobody has to clear first; else the filling writes over whatever the clearing has left.
    unclean = set(SlotJob.objects.exclude(status=SlotJobStatus.DONE).values_list("slot", flat=True))
    return min(free, key=lambda slot: (slot in unclean, slot))


def _full(taken: Sequence[CustomFieldDefinition]) -> str:
    named = ", ".join(each.label for each in taken)
    return (
        f"Four fields of this kind are indexed already, which is all there is room for: {named}. This field works "
        "without, only rules on it are slower; to index it, take the mark off one of those."
    )


def _refused(message: str) -> ValidationError:
    return ValidationError({"is_indexed": ValidationError(message, code="not_indexable")})


@transaction.atomic
def slot_free(*, definition: CustomFieldDefinition) -> None:
    """Take a field's slot away, and have it cleared in the background; nothing when it has none, or is gone.

    Locks the contacts of the organization.
    """
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    rows = CustomFieldDefinition.objects.filter(pk=definition.pk, slot__isnull=False)
    slot = rows.values_list("slot", flat=True).first()
    if slot is None:
        return
    definition.slot = definition.slot_ready_at = None
    definition.is_indexed = False
    _save(definition)
    _job_start(slot, None)


def _save(definition: CustomFieldDefinition) -> None:
    definitions_change()
    definition.save(update_fields=["is_indexed", "slot", "slot_ready_at"])


def _job_start(slot: str, definition: CustomFieldDefinition | None) -> None:
    """Begin anew what is to be done to a slot: whoever is at work on it loses the lease, and commits nothing."""
    fresh = {
        "definition": definition,
        "status": SlotJobStatus.PENDING,
        "phase": "",
        "cursor": 0,
        "progress_done": 0,
        "progress_total": 0,
        "attempts": 0,
        "error": "",
        "started_at": timezone.now(),
        "finished_at": None,
    }
    job, _ = SlotJob.objects.update_or_create(slot=slot, defaults=fresh)
    work_enqueue(work=job)


def slot_job_run(job: SlotJob, *, lease: Lease, seconds: float = SLICE_SECONDS) -> bool:
    """Fill or clear a slot, batch after batch, for one slice of time; True when done. Raises LeaseLost."""
    return slice_run(lease=lease, step=lambda: _step(job, lease), seconds=seconds)


@transaction.atomic
def _step(job: SlotJob, lease: Lease) -> bool:
    job.refresh_from_db()
    match job.phase:
        case "":
            total = Contact.with_deleted.count()
            lease_renew(
                lease=lease, phase="write", status=SlotJobStatus.RUNNING, progress_total=total
            )
        case "write":
            _write(job, lease)
        case _:
            _finish(job, lease)
            return True
    return False


def _write(job: SlotJob, lease: Lease) -> None:
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    ((last, count, _),) = fetch_all(
        statement("contacts", "fill_slot", slot=job.slot, value=_value_sql(job)), _params(job)
    )
    lease_renew(
        lease=lease,
        phase="finish" if count < BATCH else "write",
        cursor=last or job.cursor,
        progress_done=job.progress_done + count,
    )


def _value_sql(job: SlotJob) -> str:
    if job.definition is None:
        return "null"
    return slot_sql(job.slot, document="c.custom_fields", key="%(key)s::text")


def _params(job: SlotJob) -> dict[str, object]:
    return {
        "organization_id": current_organization_id(),
        "cursor": job.cursor,
        "batch_size": BATCH,
        "key": job.definition and job.definition.key,
    }


def _finish(job: SlotJob, lease: Lease) -> None:
    """Rules may read the slot from now on, and PostgreSQL knows what is in it."""
    now = timezone.now()
    execute(f"analyze contacts ({job.slot})", {})
    if job.definition is not None:
        definitions_change()
        rows = CustomFieldDefinition.objects.filter(pk=job.definition_id, slot=job.slot)
        rows.update(slot_ready_at=now)
    lease_renew(lease=lease, status=SlotJobStatus.DONE, finished_at=now, lease_expires_at=None)
