"""Checking an import: read every line, clean it, keep it, compare it with the living contacts, find repeated keys.

Phases, each resumable at its cursor: clear (records of an earlier check), read, compare, repeats.
"""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import CustomFieldDefinition, Identifier
from contacts.services.writing import contacts_plan
from imports.models import (
    ImportJob,
    ImportMode,
    ImportRecord,
    ImportStatus,
    Outcome,
    ValidationStatus,
)
from imports.reading.errors import FileError
from imports.reading.file_format import FileFormat
from imports.reading.rows import Row, open_data_rows
from imports.reading.sources import local_copy
from imports.selectors.counting import outcome_counts
from imports.services.batches import (
    ADDRESSES,
    BY_CONTACT,
    BY_KEY,
    KNOWN,
    OTHER_KEYS,
    record_batch,
)
from imports.services.columns import has_target, links_companies, mapped_columns
from imports.services.constants import consent_values
from imports.services.copying import time_to_copy
from imports.services.mapping_rules import FURTHER, SUBSCRIBED, writing_rules
from imports.services.rows import COPY_COLUMNS, MAX_TAGS, RowWriter
from imports.services.telling import import_told
from organizations.scope import current_organization_id
from organizations.services.leases import Lease, lease_extend, lease_renew
from organizations.services.slices import SLICE_SECONDS, slice_run
from organizations.statements import execute, fetch_all, statement

READ_ROWS = 5000
COMPARE_ROWS = 5000
# Lines that repeat lines that repeat lines …: files of people need two or three rounds.
MAX_ROUNDS = 20


class ImportRefused(Exception):
    """The file as a whole can't be imported; the message says why and what to do."""


def validation_run(job: ImportJob, *, lease: Lease, seconds: float = SLICE_SECONDS) -> bool:
    """Check for one slice of time; True when the import is checked or has failed. Raises LeaseLost."""
    ends = time.monotonic() + seconds
    try:
        return slice_run(lease=lease, step=lambda: _step(job, lease, ends), seconds=seconds)
    except (FileError, ImportRefused) as error:
        _refuse(job, lease, str(error))
        return True


def _step(job: ImportJob, lease: Lease, ends: float) -> bool:
    job.refresh_from_db()
    if job.status != ImportStatus.VALIDATING:
        return True
    PHASES[job.phase](job, lease, ends)
    return False


@transaction.atomic
def _refuse(job: ImportJob, lease: Lease, message: str) -> None:
    lease_renew(
        lease=lease,
        status=ImportStatus.FAILED,
        validation_status=ValidationStatus.FAILED,
        finished_at=timezone.now(),
        lease_expires_at=None,
        claim_token=None,
        error=message[:2000],
    )
    job.refresh_from_db()
    import_told(job=job)


@transaction.atomic
def _clear(job: ImportJob, lease: Lease, ends: float) -> None:
    """Remove what an earlier check read, some rows at a time."""
    doomed = ImportRecord.objects.filter(import_job=job, row_number__lte=job.cursor + 20_000)
    if doomed.exists():
        doomed.delete()
        lease_renew(lease=lease, cursor=job.cursor + 20_000)
    else:
        lease_renew(lease=lease, phase="read", cursor=0, options=job.options | {"tag_names": {}})


def _read(job: ImportJob, lease: Lease, ends: float) -> None:
    """Read on behind the rows that are in the table; a file is read in seconds, so skipping them is cheap.

    The time that it takes to come out of a bucket is not that of reading, and what came is read from in any case.
    """
    began = time.monotonic()
    lease_extend(lease=lease, longer=time_to_copy(job.readable.size))
    with local_copy(job.readable) as path:
        ends += time.monotonic() - began
        numbered = enumerate(open_data_rows(path, FileFormat.from_dict(job.format)), 1)
        rows = islice(numbered, job.cursor, None)
        writer = _row_writer(job)
        while chunk := list(islice(rows, READ_ROWS)):
            _keep(job, lease, writer, chunk)
            if time.monotonic() >= ends:
                return
    _finish_reading(job, lease)


def _row_writer(job: ImportJob) -> RowWriter:
    constants = dict(job.options.get("constants", {}))
    if job.options.get("new_unsubscribed"):
        constants[SUBSCRIBED] = False
    tags = dict(job.options.get("tag_names", {}))
    return RowWriter(
        job, mapped_columns(job), constants, consent_values(job), tags, len(job.columns)
    )


@transaction.atomic
def _keep(job: ImportJob, lease: Lease, writer: RowWriter, chunk: list[tuple[int, Row]]) -> None:
    lines = (writer.line(number, line, cells) for number, (line, cells) in chunk)
    _copy(lines)
    if len(writer.tags) > MAX_TAGS:
        raise ImportRefused(
            f"The tags column holds more than {MAX_TAGS:,} different tags. Is it mapped to the right field?"
        )
    steps = {"cursor": chunk[-1][0], "progress_done": chunk[-1][0]}
    if len(writer.tags) != len(job.options.get("tag_names", {})):
        job.options = job.options | {"tag_names": dict(writer.tags)}
        lease_renew(lease=lease, options=job.options, **steps)
    else:
        lease_renew(lease=lease, **steps)


def _copy(lines: Iterator[str]) -> None:
    target = f"copy import_records ({', '.join(COPY_COLUMNS)}) from stdin"
    with connection.cursor() as cursor, cursor.copy(target) as copy:
        while block := "".join(islice(lines, 500)):
            copy.write(block)


@transaction.atomic
def _finish_reading(job: ImportJob, lease: Lease) -> None:
    # Without statistics on the rows just copied, what follows falls off a cliff.
    execute("analyze import_records", {})
    total = ImportRecord.objects.filter(import_job=job).count()
    lease_renew(
        lease=lease,
        phase="compare",
        cursor=0,
        progress_done=0,
        total_records=total,
        progress_total=total,
    )


@transaction.atomic
def _compare(job: ImportJob, lease: Lease, ends: float) -> None:
    """Compare a stretch of rows, each by itself, with the living contacts, which are not locked."""
    last = min(job.cursor + COMPARE_ROWS, job.total_records)
    sink = statement("imports", "predict_sink", errors=statement("imports", "error_messages"))
    only = KNOWN[job.match] if _is_created_right(job) else ""
    batch = record_batch(job=job, after=job.cursor, last=last, is_write=False, only=only)
    contacts_plan(batch=batch, sink=sink)
    if last < job.total_records:
        lease_renew(lease=lease, cursor=last, progress_done=last)
    else:
        lease_renew(lease=lease, phase="repeats", cursor=0, progress_done=last)


def _is_created_right(job: ImportJob) -> bool:
    """True when what was put down while reading holds for every key that nobody has."""
    if job.mode == ImportMode.UPDATE or _has_other_key(job):
        return False
    if has_target(job.mapping, *FURTHER):
        return False
    return not CustomFieldDefinition.objects.filter(is_required=True).exists()


def _repeats(job: ImportJob, lease: Lease, ends: float) -> None:
    """Find keys that repeat over the whole file: of each key the first line that is imported wins."""
    lease_extend(lease=lease)
    _find_repeats(job, lease)


@transaction.atomic
def _find_repeats(job: ImportJob, lease: Lease) -> None:
    params = {
        "organization_id": current_organization_id(),
        "import_job_id": job.pk,
        "match": job.match,
        "other_key": "external_id" if job.match == "email" else "email_key",
        "is_last": job.cursor + 1 >= MAX_ROUNDS,
    }
    more = OTHER_KEYS if _has_other_key(job) else ""
    if has_target(job.mapping, "further_email"):
        more += ADDRESSES
    finding = statement("imports", "repeats", whose=_whose(job), more=more)
    ((waiting,),) = fetch_all(finding, params)
    if waiting:
        lease_renew(lease=lease, cursor=job.cursor + 1)
    else:
        _finish(job, lease)


def _whose(job: ImportJob) -> str:
    """Where further keys find contacts, two keys may mean one contact."""
    further = Identifier.objects.filter(kind=job.match, is_living=True)
    return BY_CONTACT[job.match] if further.exists() else BY_KEY


def _has_other_key(job: ImportJob) -> bool:
    return has_target(job.mapping, _other_key(job))


def _other_key(job: ImportJob) -> str:
    return "external_id" if job.match == "email" else "email"


def _finish(job: ImportJob, lease: Lease) -> None:
    counts = outcome_counts(job=job, column="predicted")
    options = job.options | {
        "new_companies": _new_companies(job),
        "newly_subscribed": _newly_subscribed(job),
    }
    lease_renew(
        lease=lease,
        phase="",
        cursor=0,
        status=ImportStatus.VALIDATED,
        validation_status=ValidationStatus.VALIDATED,
        predicted_counts=Counter(counts),
        options=options,
        lease_expires_at=None,
        claim_token=None,
    )


def _newly_subscribed(job: ImportJob) -> int:
    """How many new people will get mail though neither their line nor anything else says that they agreed."""
    created = ImportRecord.objects.filter(import_job=job, predicted=Outcome.CREATED)
    return created.filter(~Q(cleaned__has_key=SUBSCRIBED)).count()


def _new_companies(job: ImportJob) -> int:
    if not links_companies(job.mapping):
        return 0
    rules = writing_rules(job.mapping)
    params = {
        "organization_id": current_organization_id(),
        "import_job_id": job.pk,
        "new_only": rules.new_only,
        "fill_only": rules.fill_only,
    }
    ((count,),) = fetch_all(statement("imports", "new_companies"), params)
    return int(count)


PHASES = {"clear": _clear, "read": _read, "compare": _compare, "repeats": _repeats}
