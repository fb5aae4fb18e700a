-- The relationships of a patch to contacts that do not exist (any more).
select array_agg(k.key)
from jsonb_object_keys(i.patch) as k (key)
where k.key like 'related:%%' and not exists (
  select
  from contacts o
  where o.organization_id = %(organization_id)s and o.id = split_part(k.key, ':', 3)::bigint
)
