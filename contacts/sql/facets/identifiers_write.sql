-- The part of contacts' write statement that keeps further keys: identifier:<kind>:<key>, the spelling or null. Those
-- of a contact that is deleted find nobody, and others may have them; one that is restored gets them back.
identifiers_kept as (
  insert into contact_identifiers (
    organization_id, contact_id, kind, value, value_key, is_living, created_at, created_by_id, source
  )
  select
    %(organization_id)s, k.contact_id, split_part(k.name, ':', 1), k.value #>> '{}',
    substr(k.name, strpos(k.name, ':') + 1),
    k.contact_id in (select w.contact_id from written w where w.will_live), %(now)s, %(actor_id)s, %(door)s
  from facet_keys k
  where k.facet = 'identifier' and k.value <> 'null'
  on conflict (organization_id, contact_id, kind, value_key) do update set
    value = excluded.value, is_living = excluded.is_living
  returning contact_id
),
identifiers_removed as (
  delete from contact_identifiers x
  using facet_keys k
  where x.organization_id = %(organization_id)s and x.contact_id = k.contact_id and k.facet = 'identifier'
    and x.kind = split_part(k.name, ':', 1) and x.value_key = substr(k.name, strpos(k.name, ':') + 1)
    and k.value = 'null'
  returning x.contact_id
),
identifiers_followed as (
  update contact_identifiers x
  set is_living = w.will_live
  from written w
  where x.organization_id = %(organization_id)s and x.contact_id = w.contact_id and w.existing_id is not null
    and w.will_live <> w.was_living and x.is_living <> w.will_live
    and not w.new ? ('identifier:' || x.kind || ':' || x.value_key)
  returning x.contact_id
),
identifiers_changes as (
  select distinct k.contact_id, 'identifiers' as kind, null::bigint as reference
  from facet_keys k
  where k.facet = 'identifier'
    and k.contact_id in (
      select w.contact_id from written w where w.existing_id is not null and w.was_living and w.will_live
    )
),
