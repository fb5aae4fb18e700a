-- The organizations whose flat view is to be made, made anew, refreshed or removed; the longest due first.
--
-- SQL, because it is one look at all of them, from the schedule. Parameters: layout and prefix (contacts/flat_view.py), now,
--             every (how often a view is refreshed at most), share (a refresh is not begun sooner than after this many times
--             what it took), and again (when one that failed is tried again).
with wanted as (
  select
    d.organization_id,
    md5(%(layout)s || string_agg(d.key || ' ' || d.type, ',' order by d.id)) as digest
  from contact_custom_field_definitions d
  group by d.organization_id
)
select coalesce(w.organization_id, v.organization_id)
from wanted w
full join contact_flat_views v on v.organization_id = w.organization_id
left join materialized_view_refreshes r
  on r.organization_id = v.organization_id and r.name = %(prefix)s || v.organization_id
where (
    v.id is null
    or v.status = 'done'
    or v.status = 'failed' and v.finished_at <= %(now)s - %(again)s
  )
  and (
    w.digest is distinct from v.digest
    or r.id is null
    or r.refreshed_at <= %(now)s - greatest(%(every)s, r.took * %(share)s)
    or to_regclass(%(prefix)s || v.organization_id) is null
  )
order by r.refreshed_at nulls first
limit 1000
