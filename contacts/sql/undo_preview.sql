-- What an undo would do, by bucket, without doing it: behind contacts' plan. Who was erased (`skipped`) is blocked.
select
  case
    when p.outcome in ('failed', 'skipped') then 'blocked' when i.is_kept then 'kept' else 'reverted'
  end as bucket,
  count(*),
  max(i.contact_id)
from plan p
join incoming i on i.row_number = p.row_number
group by 1
