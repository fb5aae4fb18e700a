-- Two of twenty tags for every contact. Parameters: organization_id.
with words as (
  insert into contact_tags (organization_id, name, name_key, color, description, contact_count, created_at)
  select %(organization_id)s, 'Tag ' || n, 'tag ' || n, '#6b7280', '', 0, now()
  from generate_series(0, 19) as n
  returning id, substring(name from 5)::int as n
)
insert into contact_tag_assignments (organization_id, contact_id, tag_id, assigned_at, source)
select c.organization_id, c.id, w.id, now(), 'command'
from contacts c
cross join lateral (select abs(hashint8(c.id + 7)::bigint) as h) r
join words w on w.n in (h %% 20, (h %% 20 + 1 + h / 32 %% 19) %% 20)
where c.organization_id = %(organization_id)s
