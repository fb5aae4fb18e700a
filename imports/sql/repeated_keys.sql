-- Of the valid lines of one contact only the first stays; later ones are duplicates of it.
-- Fragment: whose       a query k of the key of record r, where keys of one contact are told as one.
-- Parameters: organization_id, import_job_id. Why SQL: one sort over the whole file.
with numbered as (
  select
    r.row_number,
    first_value(r.line_number) over (partition by k.key order by r.row_number) as first_line,
    row_number() over (partition by k.key order by r.row_number) as turn
  from import_records r
  {whose}
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
      'message', 'The same contact is on line ' || d.first_line || ', which is the one that is imported.'
    )
  )
from repeated d
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and r.row_number = d.row_number
