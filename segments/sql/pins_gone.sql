-- The segments of a patch that were deleted meanwhile.
select array_agg(k.key)
from jsonb_object_keys(i.patch) as k (key)
where k.key like 'segment:%%' and not exists (
  select
  from segments s
  where s.organization_id = %(organization_id)s and s.id = substr(k.key, 9)::bigint
)
