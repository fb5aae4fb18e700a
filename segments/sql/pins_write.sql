-- The part of contacts' write statement that keeps pins: keys segment:<id>, true for always in, false for always out,
-- null to leave it to the rules.
pins_wanted as materialized (
  select k.contact_id, k.name::bigint as segment_id, (k.value #>> '{}')::boolean as is_in
  from facet_keys k
  where k.facet = 'segment'
),
pins_kept as (
  insert into contact_segment_pins (organization_id, segment_id, contact_id, is_in, pinned_at, pinned_by_id)
  select %(organization_id)s, p.segment_id, p.contact_id, p.is_in, %(now)s, %(actor_id)s
  from pins_wanted p
  where p.is_in is not null
  order by p.contact_id
  on conflict (organization_id, segment_id, contact_id) do update set
    is_in = excluded.is_in, pinned_at = excluded.pinned_at, pinned_by_id = excluded.pinned_by_id
  returning contact_id
),
pins_removed as (
  delete from contact_segment_pins p
  using pins_wanted w
  where p.organization_id = %(organization_id)s and p.segment_id = w.segment_id and p.contact_id = w.contact_id
    and w.is_in is null
  returning p.contact_id
),
pins_changes as (
  select p.contact_id, 'pinned' as kind, p.segment_id as reference
  from pins_wanted p
),
