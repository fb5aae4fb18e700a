"""Telling whoever started work on many contacts that it is given up, and what they can do."""

from contacts.models import ContactOperation, OperationKind, OperationStatus
from organizations.models import User
from organizations.models.notice import Tone
from organizations.services.leases import failure_reason
from organizations.services.notices import notice_give, notice_link, notices_read

WAYS_OUT = {
    OperationKind.UNDO: "What is taken back stays so. Undo it once more on its page: that goes on with the rest.",
    OperationKind.BULK_EDIT: "What is changed stays so. Choose the contacts and change them once more: who has the "
    "values already is left as they are. Or undo on its page what was done.",
    OperationKind.DELETE: "Who is deleted stays so. Choose the others and delete them once more, or undo on its page "
    "what was done.",
}


def operation_given_up(*, operation: ContactOperation) -> None:
    """Forget whom an operation that is given up was still about, and give whoever started it a notice; programs are not told."""
    operation.batches.all().delete()
    done = f"{operation.progress_done:,} of {operation.progress_total:,}"
    text = f"After {done} contacts: {failure_reason(operation)} {operation_way_out(operation)}"
    title = f"“{operation}” stopped"
    link = _link(operation.undoes or operation)
    notice_give(user=operation.actor, title=title, text=text, link=link, tone=Tone.BAD)


def operation_way_out(operation: ContactOperation) -> str:
    """What can be done about an operation that is given up; blank for any other."""
    if operation.status != OperationStatus.FAILED:
        return ""
    return WAYS_OUT.get(OperationKind(operation.kind), "")


def operation_notices_read(*, operation: ContactOperation, user: User) -> int:
    """Mark as read what a user was told of an operation that they look at; returns how many notices that were."""
    return notices_read(user=user, link=_link(operation))


def _link(operation: ContactOperation) -> str:
    return notice_link("contacts:operation", operation.pk)
