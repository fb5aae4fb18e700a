-- Write down what became of each record of a batch, and count all lines of the stretch by outcome; with the number of
-- those that ended otherwise than was shown before, as "differing".
-- Parameters: those of incoming, is_whole (whether lines that are not valid are counted here).
, kept as (
  update import_records r
  set outcome = p.outcome, contact_id = p.contact_id, errors = nullif(coalesce(r.errors, '[]') || coalesce({errors}, '[]'), '[]')
  from plan p
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number > %(after)s and r.row_number <= %(last)s and r.row_number = p.row_number
  returning r.predicted <> p.outcome as is_differing
)
select n.outcome, count(*)
from (
  select p.outcome from plan p
  union all
  select r.outcome
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number > %(after)s and r.row_number <= %(last)s and not r.is_valid and %(is_whole)s
) n
group by n.outcome
union all
select 'differing', count(*)
from kept k
where k.is_differing
