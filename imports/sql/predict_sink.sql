-- Correct the prediction of each record of a stretch for which `created` is not right. Who fails now is left out of
-- the run, even if an earlier line of the file would make way: the run does what was shown. Nor does it keep a later
-- line out: those that repeat another are found after. Cells that were left out stay told.
, corrected as (
  update import_records r
  set
    predicted = p.outcome, contact_id = p.existing_id, errors = nullif(coalesce(r.errors, '[]') || coalesce({errors}, '[]'), '[]'),
    is_valid = p.outcome <> 'failed', outcome = case when p.outcome = 'failed' then 'failed' end
  from plan p
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number > %(after)s and r.row_number <= %(last)s and r.row_number = p.row_number and r.predicted is distinct from p.outcome
  returning r.row_number
)
select count(*) from corrected
