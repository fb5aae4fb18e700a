"""The imports of an organization, and how they relate to each other."""

from collections.abc import Iterable

from django.db.models import Field, Func, JSONField, Q, QuerySet, Value
from django.db.models.functions import Cast

from contacts.models import ContactOperation
from imports.models import ImportJob, ImportStatus
from imports.services.own_files import original_names

IMPORTS_LOOKED_AT = 200
UNDO_STATUSES = (ImportStatus.UNDOING, ImportStatus.UNDONE)


class _JsonPath(Field):
    def db_type(self, connection: object) -> str:
        return "jsonpath"


def import_list() -> QuerySet[ImportJob]:
    """Every import with who made it."""
    return ImportJob.objects.select_related("created_by", "api_key", "operation")


def imports_of_same_file(*, job: ImportJob, limit: int = 3) -> list[ImportJob]:
    """Other imports of the same bytes that have run, newest first."""
    same = import_list().filter(checksum=job.checksum, operation__isnull=False)
    return list(same.filter(~Q(pk=job.pk)).order_by("-pk")[:limit])


def import_with_same_header(*, job: ImportJob) -> ImportJob | None:
    """The newest other import that has run and whose file has the same columns, or whose failed lines these are: its
    mapping fits.
    """
    newest = import_list().filter(operation__isnull=False).order_by("-pk")
    ids = list(newest.filter(~Q(pk=job.pk)).values_list("pk", flat=True)[:IMPORTS_LOOKED_AT])
    alike = newest.filter(pk__in=ids).alias(names=_names())
    names = [column["name"] for column in job.columns]
    return alike.filter(Q(names=names) | Q(names=original_names(names))).first()


def _names() -> Func:
    path = Cast(Value("$[*].name"), _JsonPath())
    return Func("columns", path, function="jsonb_path_query_array", output_field=JSONField())


def latest_undo(*, job: ImportJob) -> ContactOperation | None:
    """The newest undo of an import, or the undo of one."""
    if job.operation_id is None:
        return None
    about = Q(undoes=job.operation_id) | Q(undoes__undoes=job.operation_id)
    undos = ContactOperation.objects.filter(about).select_related("undoes", "actor")
    return undos.order_by("-pk").first()


def undos_of(*, jobs: Iterable[ImportJob]) -> dict[int, ContactOperation]:
    """By id of those imports that are undone, being undone or put back, the operation that does it. One query at most."""
    by_operation = {job.operation_id: job.pk for job in jobs if job.status in UNDO_STATUSES}
    if not by_operation:
        return {}
    about = Q(undoes__in=by_operation) | Q(undoes__undoes__in=by_operation)
    undos = ContactOperation.objects.filter(about).select_related("undoes").order_by("pk")
    return {by_operation[_undone(undo)]: undo for undo in undos}


def _undone(undo: ContactOperation) -> int | None:
    """The operation at the bottom of an undo, or of the undo of one."""
    target = undo.undoes
    return undo.undoes_id if target is None or target.undoes_id is None else target.undoes_id
