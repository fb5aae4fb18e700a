-- An address that stands on two lines, as first or as further one, is one person's: later lines repeat that person, or
-- fail where another key says that they are somebody else.
-- Parameters: organization_id, import_job_id, outcome (duplicate, failed), reason.
with addresses as (
  select r.row_number, r.line_number, r.cleaned ->> 'email_key' as address
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.cleaned ->> 'email_key' is not null
  union all
  select r.row_number, r.line_number, substr(k.key, length('identifier:email:') + 1)
  from import_records r
  cross join lateral jsonb_object_keys(r.cleaned) as k (key)
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and k.key like 'identifier:email:%%'
),
numbered as (
  select
    a.row_number,
    a.address,
    first_value(a.line_number) over (partition by a.address order by a.row_number) as first_line,
    row_number() over (partition by a.address order by a.row_number) as turn
  from addresses a
),
repeated as materialized (
  select distinct on (n.row_number) n.row_number, n.address, n.first_line
  from numbered n
  where n.turn > 1
  order by n.row_number, n.first_line
)
update import_records r
set
  is_valid = false,
  predicted = %(outcome)s,
  outcome = %(outcome)s,
  errors = jsonb_build_array(
    jsonb_build_object(
      'column', case when %(outcome)s = 'failed' then 'email' else '' end,
      'code', case when %(outcome)s = 'failed' then 'repeated' else 'duplicate' end,
      'message', d.address || ' is on line ' || d.first_line || ' too, ' || %(reason)s
    )
  )
from repeated d
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and r.row_number = d.row_number
