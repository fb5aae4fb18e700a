-- The part of contacts' write statement that keeps tags: keys tag:<id>, true to assign and null to remove.
-- `tags_changes` says how the tags of living contacts changed, so that sums over it are exact: a contact that dies
-- loses its tags there, one that is restored gets them back.
tags_wanted as materialized (
  select k.contact_id, k.name::bigint as tag_id, k.value = 'true' as is_wanted
  from facet_keys k
  where k.facet = 'tag'
),
tags_added as (
  insert into contact_tag_assignments (
    organization_id, contact_id, tag_id, assigned_at, assigned_by_id, source
  )
  select %(organization_id)s, t.contact_id, t.tag_id, %(now)s, %(actor_id)s, %(door)s
  from tags_wanted t
  where t.is_wanted
  on conflict do nothing
  returning contact_id, tag_id
),
tags_removed as (
  delete from contact_tag_assignments a
  using tags_wanted t
  where a.organization_id = %(organization_id)s and a.contact_id = t.contact_id and a.tag_id = t.tag_id
    and not t.is_wanted
  returning a.contact_id, a.tag_id
),
-- `in` and not a join: PostgreSQL knows no sizes here, and a nested loop over a batch would be quadratic.
tags_changes as (
  select t.contact_id, 'tag_added' as kind, t.tag_id as reference
  from tags_added t
  where t.contact_id in (select w.contact_id from written w where w.will_live)
  union all
  select t.contact_id, 'tag_removed', t.tag_id
  from tags_removed t
  where t.contact_id in (select w.contact_id from written w where w.was_living)
  union all
  select w.contact_id, case when w.will_live then 'tag_added' else 'tag_removed' end, a.tag_id
  from written w
  cross join lateral (
    select a.tag_id
    from contact_tag_assignments a
    where a.organization_id = %(organization_id)s and a.contact_id = w.contact_id
    offset 0
  ) a
  where w.existing_id is not null and w.will_live <> w.was_living
    and (w.contact_id, a.tag_id) not in (select t.contact_id, t.tag_id from tags_removed t)
),
