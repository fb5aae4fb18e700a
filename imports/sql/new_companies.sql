-- How many companies the lines of an import name that nobody knows yet, and that are no lines themselves. Lines that will
-- reach no contact name none, and make none.
-- Parameters: organization_id, import_job_id, new_only, fill_only (see contacts' plan). Why SQL: one pass over the file.
with reaching as (
  select r.cleaned, r.cleaned ->> 'company' as name_key, r.contact_id
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.cleaned ? 'company' and r.predicted in ('created', 'updated', 'unchanged', 'protected')
),
-- The companies that will be there under their names once these lines are written.
themselves as (
  select r.name_key
  from reaching r
  left join contacts c on c.organization_id = %(organization_id)s and c.id = r.contact_id
  cross join lateral (
    select
      jsonb_build_object(
        'kind', c.kind, 'company_name', c.company_name, 'first_name', c.first_name, 'last_name', c.last_name
      )
      || coalesce(
        (
          select jsonb_object_agg(k.key, k.value)
          from jsonb_each(r.cleaned) k
          where c.id is null
            or k.key <> all(%(new_only)s::text[])
            and (k.key <> all(%(fill_only)s::text[]) or to_jsonb(c) ->> k.key is null)
        ), '{}'
      ) as document
  ) n
  where r.cleaned ->> 'kind' = 'company' and n.document ->> 'kind' = 'company'
    and n.document ->> 'company_name' = r.cleaned ->> 'company_name'
    and coalesce(n.document ->> 'first_name', n.document ->> 'last_name') is null
)
select count(distinct r.name_key)
from reaching r
where r.cleaned ->> 'kind' is distinct from 'company'
  and not exists (select from themselves t where t.name_key = r.name_key)
  and not exists (
    select
    from contacts c
    where c.organization_id = %(organization_id)s and c.kind = 'company' and c.name_key = r.name_key
      and c.deleted_at is null
  )
