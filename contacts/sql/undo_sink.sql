-- Remember which changes no longer stand (or stand again), and count contacts by what came of the undo.
, marked as (
  update contact_history h
  set undone_by_id = case when not %(is_redo)s then %(operation_id)s::bigint end
  from plan p
  join incoming i on i.row_number = p.row_number
  where h.organization_id = %(organization_id)s and h.id = i.history_id
    and p.outcome not in ('failed', 'skipped') and not i.is_whole
  returning h.contact_id, p.outcome
),
-- Whoever stays as they are is told of too: what they came with no longer stands, or stands again.
told as (
  insert into contact_changes (organization_id, contact_id, kind)
  select %(organization_id)s, m.contact_id, 'undone' from marked m where m.outcome = 'unchanged' order by m.contact_id
)
select
  case
    when p.outcome in ('failed', 'skipped') then 'blocked' when i.is_kept then 'kept' else 'reverted'
  end as bucket,
  count(*),
  max(i.contact_id)
from plan p
join incoming i on i.row_number = p.row_number
group by 1
