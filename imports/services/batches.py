"""A stretch of an import's records as a batch for contacts' write statement."""

from collections.abc import Sequence

from contacts.services.writing import Batch
from imports.models import ImportJob
from imports.services.columns import has_target, links_companies
from imports.services.mapping_rules import FURTHER, PREFERENCE, SUBSCRIBED, writing_rules
from organizations.statements import statement

# Further conditions on the records r.
COMPANIES = "and r.cleaned ->> 'kind' = 'company' and r.cleaned ? 'company'"
OTHERS = "and (r.cleaned ->> 'kind' is distinct from 'company' or not r.cleaned ? 'company')"
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

# Whose lines records r are: by their key alone, or by the contact that it or a further one finds.
BY_KEY = "cross join lateral (select r.match_key as key) k"
_BY_CONTACT = """left join contacts o
    on o.organization_id = %(organization_id)s and o.{column} = r.match_key and o.deleted_at is null
  left join contact_identifiers x
    on x.organization_id = %(organization_id)s and x.kind = '{kind}' and x.value_key = r.match_key and x.is_living
  cross join lateral (select coalesce(chr(1) || coalesce(o.id, x.contact_id), r.match_key) as key) k"""
BY_CONTACT = {
    "email": _BY_CONTACT.format(column="email_key", kind="email"),
    "external_id": _BY_CONTACT.format(column="external_id", kind="external_id"),
}

# What else tells lines apart (see repeats.sql): the key that is not matched by, and every address.
OTHER_KEYS = """union all
  select r.row_number, r.line_number, 2, r.cleaned ->> %(other_key)s
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.predicted <> 'skipped' and r.cleaned ->> %(other_key)s is not null
  """
ADDRESSES = """union all
  select r.row_number, r.line_number, 3, r.cleaned ->> 'email_key'
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.predicted <> 'skipped' and r.cleaned ->> 'email_key' is not null
  union all
  select r.row_number, r.line_number, 3, substr(k.key, length('identifier:email:') + 1)
  from import_records r
  cross join lateral jsonb_object_keys(r.cleaned) as k (key)
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.predicted <> 'skipped' and k.key like 'identifier:email:%%'
  """


def record_batch(
    *,
    job: ImportJob,
    after: int,
    last: int,
    is_write: bool,
    sink: str = "",
    only: str = "",
    is_whole: bool = True,
    row_numbers: Sequence[int] = (),
) -> Batch:
    """The valid records with a row number in (after, last]; of those only some where `only` says so. The others of
    the stretch are counted where it `is_whole`.
    """
    consent, rules = job.options.get("consent"), writing_rules(job.mapping)
    return Batch(
        incoming=statement("imports", "incoming", only=only),
        match="email" if job.match == "email" else "external_id",
        mode=job.mode,  # type: ignore[arg-type]
        protect_opt_outs=True,
        is_resolved=True,
        has_preferences=bool(consent) or has_target(job.mapping, PREFERENCE),
        has_identifiers=has_target(job.mapping, *FURTHER),
        has_relationships=links_companies(job.mapping),
        has_suppressions=False,
        has_consent=bool(consent),
        # Lines that repeat another are found over the whole file (repeats.sql).
        is_apart=not is_write,
        new_only=[*rules.new_only, *([SUBSCRIBED] if job.options.get("new_unsubscribed") else [])],
        fill_only=rules.fill_only,
        params={
            "import_job_id": job.pk,
            "after": after,
            "last": last,
            "is_write": is_write,
            "is_whole": is_whole,
            "row_numbers": list(row_numbers),
        },
        sink=sink,
    )


def company_batch(*, job: ImportJob, after: int, last: int) -> Batch:
    """The companies that these records name and that nobody knows: new contacts, whatever else those must have."""
    return Batch(
        incoming=statement("imports", "companies_incoming"),
        match="id",
        mode="create",
        is_resolved=True,
        params={"import_job_id": job.pk, "after": after, "last": last, "required": []},
    )
