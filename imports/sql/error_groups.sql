-- What was wrong with cells and lines of an import, by cause and column, the most frequent first: what lines failed for or
-- (is_left_out) the values that lines were imported without.
-- Parameters: organization_id, import_job_id, is_left_out, last_reached (a row number, or null for all), size.
-- Why SQL: errors are unpacked and counted where they are.
select
  e.value ->> 'column',
  e.value ->> 'code',
  count(*),
  min(r.line_number),
  (array_agg(e.value ->> 'message' order by r.row_number))[1]
from import_records_kept r
cross join lateral jsonb_array_elements(r.errors) e
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and (
    %(last_reached)s::bigint is null or r.row_number <= %(last_reached)s or r.is_valid and r.outcome is not null
  )
  and (
    (r.predicted = 'failed' or r.outcome = 'failed') and coalesce(r.outcome, r.predicted) = 'failed'
      and not %(is_left_out)s
    or %(is_left_out)s and r.is_valid and coalesce(r.outcome, r.predicted) <> 'failed' and e.value ? 'left_out'
  )
group by 1, 2
order by 3 desc, 1, 2
limit %(size)s
