-- The tags of a patch that were deleted meanwhile.
select array_agg(k.key)
from jsonb_object_keys(i.patch) as k (key)
where k.key like 'tag:%%' and not exists (
  select
  from contact_tags g
  where g.organization_id = %(organization_id)s and g.id = substr(k.key, 5)::bigint
)
