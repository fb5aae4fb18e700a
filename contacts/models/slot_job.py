from django.db import models
from django.db.models import DB_SET_NULL, Q

from contacts.models.contact import SLOTS
from contacts.models.custom_field import CustomFieldDefinition
from organizations.fields import TenantForeignKey
from organizations.models import LeasedWork, TenantModel, tenant_key


class SlotJobStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class SlotJob(LeasedWork, TenantModel):
    """What was last to be done to a slot of the organization's contacts: to fill it with the values of a field, or, with
    none, to clear it.
    """

    slot = models.CharField(max_length=16)
    definition = TenantForeignKey(
        CustomFieldDefinition, DB_SET_NULL, null=True, related_name="slot_jobs"
    )
    status = models.CharField(max_length=16, choices=SlotJobStatus, default=SlotJobStatus.PENDING)

    LIVE_STATUSES = (SlotJobStatus.PENDING, SlotJobStatus.RUNNING)
    FAILED_STATUS = SlotJobStatus.FAILED

    class Meta(TenantModel.Meta):
        db_table = "contact_slot_jobs"
        constraints = [
            tenant_key("slot_job"),
            # One a slot: whoever gives the slot to another field takes the work over.
            models.UniqueConstraint(fields=["organization", "slot"], name="slot_job_slot_key"),
            models.CheckConstraint(condition=Q(slot__in=SLOTS), name="slot_job_slot_valid"),
            models.CheckConstraint(
                condition=Q(status__in=SlotJobStatus.values), name="slot_job_status_valid"
            ),
        ]
        indexes = [
            # The sweep reads live work, oldest lease first. (What is done has no lease.)
            models.Index(fields=["lease_expires_at"], name="slot_job_lease_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} of {self.definition or 'nobody'}"
