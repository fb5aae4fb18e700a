-- What contacts' plan knows of the suppressions that patch i speaks of: {"suppression:<hash>": {reason, since, source}}.
-- By the hash in the key, not by the address of contact c, which may be another one since. (Most organizations keep no
-- suppressions: one look tells.)
select jsonb_object_agg(
  k.key, jsonb_build_object('reason', s.reason, 'since', s.since, 'source', s.source)
)
from jsonb_object_keys(i.patch) as k (key)
join suppressions s
  on s.organization_id = %(organization_id)s and s.address_hash = substr(k.key, 13)
where k.key like 'suppression:%%'
  and (select exists (select from suppressions o where o.organization_id = %(organization_id)s))
