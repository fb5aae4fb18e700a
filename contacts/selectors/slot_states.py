"""Whether a custom field is indexed, how far that is, and why not."""

from dataclasses import dataclass
from typing import Any, Literal

from contacts.models import CustomFieldDefinition, SlotJobStatus
from contacts.slots import slot_of
from organizations.selectors.waiting import work_waiting

Status = Literal["none", "filling", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class SlotState:
    """`status`: none (not indexed), filling (rules don't use the index yet), ready or failed; how many of how many contacts
    were looked at; and what there is to say about a filling that waits or has stopped.
    """

    status: Status
    done: int = 0
    total: int = 0
    note: str = ""

    @property
    def is_live(self) -> bool:
        return self.status == "filling"


def with_slot_jobs(definitions: Any) -> Any:
    """A queryset of definitions whose states take one more query, however many they are."""
    return definitions.prefetch_related("slot_jobs")


def slot_state(definition: CustomFieldDefinition) -> SlotState:
    """One query, or none `with_slot_jobs`."""
    if definition.slot is None:
        return SlotState("none")
    if slot_of(definition):
        return SlotState("ready")
    job = next((each for each in definition.slot_jobs.all() if each.slot == definition.slot), None)
    if job is None:
        return SlotState("filling")
    done = min(job.progress_done, job.progress_total)
    if job.status == SlotJobStatus.FAILED:
        return SlotState("failed", done, job.progress_total, job.error)
    return SlotState("filling", done, job.progress_total, work_waiting(job))
