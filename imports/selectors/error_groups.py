"""What went wrong with the lines of an import, counted by cause and column."""

from dataclasses import dataclass

from imports.models import ImportJob
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

MAX_GROUPS = 50


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Errors of one cause in one column: how many, where the first is, and what it says."""

    column: str
    code: str
    count: int
    first_line: int
    message: str


def error_groups(*, job: ImportJob) -> list[ErrorGroup]:
    """The errors of the lines that failed or, before the run, are expected to, the most frequent first. One query."""
    params = {
        "organization_id": current_organization_id(),
        "import_job_id": job.pk,
        "last_reached": job.last_reached,
        "size": MAX_GROUPS,
    }
    rows = fetch_all(statement("imports", "error_groups"), params)
    return [ErrorGroup(*row) for row in rows]
