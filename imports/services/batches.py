"""A stretch of an import's records as a batch for contacts' write statement."""

from collections.abc import Sequence

from contacts.services.writing import Batch
from imports.models import ImportJob
from organizations.statements import statement

# Further conditions on the records r.
NUMBERED = "and r.row_number = any(%(row_numbers)s)"
_FURTHER = """select from contact_identifiers x
    where x.organization_id = %(organization_id)s and x.kind = '{kind}' and x.value_key = r.match_key and x.is_living"""
KNOWN = {
    # With those who are deleted: their opt-outs count. So do addresses that get no mail.
    "email": f"""and (
    exists (
      select from contacts c
      where c.organization_id = %(organization_id)s and c.email_key = r.match_key
        and (c.deleted_at is null or not c.is_subscribed)
    )
    or exists ({_FURTHER.format(kind="email")})
    or exists (
      select from suppressions s
      where s.organization_id = %(organization_id)s
        and s.address_hash = encode(sha256(convert_to(r.match_key, 'UTF8')), 'hex')
    )
  )""",
    "external_id": f"""and (
    exists (
      select from contacts c
      where c.organization_id = %(organization_id)s and c.external_id = r.match_key and c.deleted_at is null
    )
    or exists ({_FURTHER.format(kind="external_id")})
  )""",
}


def record_batch(
    *,
    job: ImportJob,
    after: int,
    last: int,
    is_write: bool,
    sink: str = "",
    only: str = "",
    row_numbers: Sequence[int] = (),
) -> Batch:
    """The valid records with a row number in (after, last]; of those only some where `only` says so."""
    return Batch(
        incoming=statement("imports", "incoming", only=only),
        match="email" if job.match == "email" else "external_id",
        mode=job.mode,  # type: ignore[arg-type]
        protect_opt_outs=True,
        is_resolved=True,
        # No column of a file is mapped to either.
        has_preferences=False,
        has_identifiers=False,
        params={
            "import_job_id": job.pk,
            "after": after,
            "last": last,
            "is_write": is_write,
            "row_numbers": list(row_numbers),
        },
        sink=sink,
    )
