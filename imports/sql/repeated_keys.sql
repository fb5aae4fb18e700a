-- Of the valid lines with one match key only the first stays; later ones are duplicates of it.
-- Parameters: organization_id, import_job_id. Why SQL: one sort over the whole file.
with numbered as (
  select
    r.row_number,
    first_value(r.line_number) over (partition by r.match_key order by r.row_number) as first_line,
    row_number() over (partition by r.match_key order by r.row_number) as turn
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
),
repeated as materialized (
  select n.row_number, n.first_line from numbered n where n.turn > 1
)
update import_records r
set
  is_valid = false,
  predicted = 'duplicate',
  outcome = 'duplicate',
  errors = jsonb_build_array(
    jsonb_build_object(
      'column', '', 'code', 'duplicate',
      'message', 'The same key is on line ' || d.first_line || ', which is the one that is imported.'
    )
  )
from repeated d
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and r.row_number = d.row_number
