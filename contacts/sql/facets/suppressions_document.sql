-- What contacts' plan knows of the suppressions that patch i speaks of: {"suppression:<hash>": {reason, since, source}}.
-- By the hash in the key, not by the address of contact c, which may be another one since.
select jsonb_object_agg(
  k.key, jsonb_build_object('reason', s.reason, 'since', s.since, 'source', s.source)
)
from jsonb_object_keys(i.patch) as k (key)
join suppressions s
  on s.organization_id = %(organization_id)s and s.address_hash = substr(k.key, 13)
where %(has_suppressions)s and k.key like 'suppression:%%'
