-- The preferences of a patch whose kind of mail does not exist (any more).
select array_agg(k.key)
from jsonb_object_keys(i.patch) as k (key)
where k.key like 'preference:%%' and not exists (
  select
  from contact_preference_types t
  where t.organization_id = %(organization_id)s and t.key = substr(k.key, 12)
)
