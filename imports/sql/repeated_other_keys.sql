-- Two people of a file can't have one e-mail address or external ID: of the lines that still count, later ones fail.
-- Parameters: organization_id, import_job_id, name (of the key that is not matched by).
with numbered as (
  select
    r.row_number,
    first_value(r.line_number) over (partition by r.cleaned ->> %(name)s order by r.row_number) as first_line,
    row_number() over (partition by r.cleaned ->> %(name)s order by r.row_number) as turn
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.cleaned ->> %(name)s is not null
),
repeated as materialized (
  select n.row_number, n.first_line from numbered n where n.turn > 1
)
update import_records r
set
  is_valid = false,
  predicted = 'failed',
  outcome = 'failed',
  errors = jsonb_build_array(
    jsonb_build_object(
      'column', case when %(name)s = 'external_id' then 'external_id' else 'email' end, 'code', 'repeated',
      'message',
      case when %(name)s = 'external_id' then 'The external ID' else 'The e-mail address' end
      || ' is on line ' || d.first_line || ' too, for another contact.'
    )
  )
from repeated d
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and r.row_number = d.row_number
