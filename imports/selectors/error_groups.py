"""What went wrong with the lines of an import, counted by cause and column."""

from dataclasses import dataclass

from imports.models import ImportJob
from imports.services.mapping_rules import is_dispensable
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

MAX_GROUPS = 50
# What is not wrong with a cell, but with what it meets.
OF_CONTACTS = frozenset(
    {
        "required",
        "key_missing",
        "email_taken",
        "email_repeated",
        "external_id_taken",
        "external_id_repeated",
        "identifier_taken",
        "identifier_repeated",
    }
)


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Errors of one cause in one column: how many, where the first is, and what it says. `index` is that of the column
    where its values could be left out instead.
    """

    column: str
    code: str
    count: int
    first_line: int
    message: str
    index: int | None


def error_groups(*, job: ImportJob, is_left_out: bool = False) -> list[ErrorGroup]:
    """The errors of the lines that failed or, before the run, are expected to, the most frequent first; or those of cells that lines are
    imported without. One query.
    """
    params = {
        "is_left_out": is_left_out,
        "organization_id": current_organization_id(),
        "import_job_id": job.pk,
        "last_reached": job.last_reached,
        "size": MAX_GROUPS,
    }
    rows, indexes = fetch_all(statement("imports", "error_groups"), params), _dispensable(job)
    return [
        ErrorGroup(
            column, code, count, line, message, None if code in OF_CONTACTS else indexes.get(column)
        )
        for column, code, count, line, message in rows
    ]


def _dispensable(job: ImportJob) -> dict[str, int]:
    """The columns without which lines could be imported, by name."""
    return {
        job.columns[each["index"]]["name"]: each["index"]
        for each in job.mapping
        if each["target"] and is_dispensable(each["target"], job.match)
    }
