-- What an undo would do, by bucket, without doing it: behind contacts' plan.
select
  case when p.outcome = 'failed' then 'blocked' when i.is_kept then 'kept' else 'reverted' end as bucket,
  count(*),
  max(i.contact_id)
from plan p
join incoming i on i.row_number = p.row_number
group by 1
