-- How many companies the lines of an import name that nobody knows yet. Lines that will reach no contact name none.
-- Parameters: organization_id, import_job_id.
select count(distinct r.cleaned ->> 'company')
from import_records r
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
  and r.cleaned ? 'company' and r.predicted in ('created', 'updated', 'unchanged', 'protected')
  and not exists (
    select
    from contacts c
    where c.organization_id = %(organization_id)s and c.kind = 'company' and c.name_key = r.cleaned ->> 'company'
      and c.deleted_at is null
  )
