-- The part of contacts' write statement that keeps relationships: keys related:<type>:<contact>, true or null.
relationships_added as (
  insert into contact_relationships (
    organization_id, contact_id, related_contact_id, relationship_type, created_at, created_by_id, source
  )
  select
    %(organization_id)s, k.contact_id, split_part(k.name, ':', 2)::bigint, split_part(k.name, ':', 1), %(now)s,
    %(actor_id)s, %(door)s
  from facet_keys k
  where k.facet = 'related' and k.value = 'true'
  on conflict do nothing
  returning contact_id
),
relationships_removed as (
  delete from contact_relationships r
  using facet_keys k
  where r.organization_id = %(organization_id)s and r.contact_id = k.contact_id and k.facet = 'related'
    and r.relationship_type = split_part(k.name, ':', 1)
    and r.related_contact_id = split_part(k.name, ':', 2)::bigint and k.value = 'null'
  returning r.contact_id
),
relationships_changes as (
  select distinct k.contact_id, 'relationships' as kind, null::bigint as reference
  from facet_keys k
  where k.facet = 'related'
    and k.contact_id in (
      select w.contact_id from written w where w.existing_id is not null and w.was_living and w.will_live
    )
),
