-- Who joined and left segments on each day of the organization from `first` on: as the view has it, and as the log has it
-- since the last whole day that the view knows. Parameters: organization_id, segments, first, midnight (of first),
-- timezone. Why SQL: sums over the view and the end of the log in one statement.
with edge as (
  -- The day of the refresh was not over then; where there was none, the log has it all.
  select coalesce(greatest(date_trunc('day', max(r.refreshed_at), %(timezone)s), %(midnight)s), %(midnight)s) as at
  from materialized_view_refreshes r
  where r.name = 'contact_segment_sizes'
)
select v.segment_id, v.day, v.joined_count, v.left_count
from contact_segment_sizes v, edge e
where v.organization_id = %(organization_id)s and v.segment_id = any(%(segments)s) and v.day >= %(first)s
  and v.day < (e.at at time zone %(timezone)s)::date
union all
select
  l.segment_id, (l.at at time zone %(timezone)s)::date, count(*) filter (where l.action = 'joined'),
  count(*) filter (where l.action = 'left')
from contact_segment_membership_log l, edge e
where l.organization_id = %(organization_id)s and l.segment_id = any(%(segments)s) and l.at >= e.at
group by 1, 2
