-- The part of contacts' write statement that suppresses addresses: suppression:<hash>, {reason, since, source} or null.
-- Who was erased stays suppressed.
suppressions_kept as (
  insert into suppressions (organization_id, address_hash, reason, since, source)
  select
    %(organization_id)s, k.name, k.value ->> 'reason', (k.value ->> 'since')::timestamptz, k.value ->> 'source'
  from facet_keys k
  where k.facet = 'suppression' and k.value <> 'null'
  on conflict (organization_id, address_hash) do update set
    reason = excluded.reason, since = excluded.since, source = excluded.source
  where suppressions.reason <> 'erased'
  returning id
),
suppressions_lifted as (
  delete from suppressions s
  using facet_keys k
  where s.organization_id = %(organization_id)s and s.address_hash = k.name and k.facet = 'suppression'
    and k.value = 'null' and s.reason <> 'erased'
  returning s.id
),
suppressions_changes as (
  select distinct k.contact_id, 'suppressions' as kind, null::bigint as reference
  from facet_keys k
  where k.facet = 'suppression'
    and k.contact_id in (
      select w.contact_id from written w where w.existing_id is not null and w.was_living and w.will_live
    )
),
