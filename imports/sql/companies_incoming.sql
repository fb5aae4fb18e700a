-- The companies that a stretch of an import names and nobody knows yet, as contacts' plan wants them: each once.
-- Lines that will reach no contact name none, and lines that are companies themselves were written before all others.
-- Parameters: organization_id, import_job_id, after, last (row numbers).
select
  row_number() over (order by n.row_number) as row_number,
  null::bigint as contact_id,
  null::text as match_key,
  jsonb_strip_nulls(
    jsonb_build_object('kind', 'company', 'company_name', n.company_name, 'source', n.source)
  ) as patch
from (
  select distinct on (r.cleaned ->> 'company')
    r.row_number, r.cleaned ->> 'company_name' as company_name, r.cleaned ->> 'source' as source
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number > %(after)s and r.row_number <= %(last)s and r.is_valid and r.cleaned ? 'company'
    and r.cleaned ->> 'kind' is distinct from 'company'
    and r.predicted in ('created', 'updated', 'unchanged', 'protected')
    and not exists (
      select
      from contacts c
      where c.organization_id = %(organization_id)s and c.kind = 'company'
        and c.name_key = r.cleaned ->> 'company' and c.deleted_at is null
    )
  order by r.cleaned ->> 'company', r.row_number
) n
