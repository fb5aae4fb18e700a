-- The part of contacts' write statement that keeps e-mail preferences: keys preference:<type>, true, false, or null
-- for who said neither. What an undo puts back has the reason and the proof that it had.
preferences_kept as (
  insert into contact_email_preferences (
    organization_id, contact_id, preference_type, is_enabled, reason, proof, updated_at, updated_by_id
  )
  select
    %(organization_id)s, k.contact_id, k.name, k.value = 'true', coalesce(h.notes, %(notes)s),
    coalesce(h.proof, %(proof)s::jsonb, '{}'), %(now)s, %(actor_id)s
  from facet_keys k
  left join lateral (
    select h.notes, h.proof
    from contact_history h
    where h.organization_id = %(organization_id)s and h.contact_id = k.contact_id and h.change_type <> 'undo'
      and h.new_value -> ('preference:' || k.name) = k.value
      -- Standing changes, and those that this undo of an undo puts back.
      and (
        h.undone_by_id is null or h.undone_by_id = (
          select o.undoes_id
          from contact_operations o
          where o.organization_id = %(organization_id)s and o.id = %(operation_id)s
        )
      )
    order by h.id desc
    limit 1
  ) h on %(change_type)s::text = 'undo'
  where k.facet = 'preference' and k.value <> 'null'
  on conflict (organization_id, contact_id, preference_type) do update set
    is_enabled = excluded.is_enabled, reason = excluded.reason, proof = excluded.proof,
    updated_at = excluded.updated_at, updated_by_id = excluded.updated_by_id
  returning contact_id
),
preferences_removed as (
  delete from contact_email_preferences e
  using facet_keys k
  where e.organization_id = %(organization_id)s and e.contact_id = k.contact_id and k.facet = 'preference'
    and e.preference_type = k.name and k.value = 'null'
  returning e.contact_id
),
preferences_changes as (
  select distinct k.contact_id, 'preferences' as kind, null::bigint as reference
  from facet_keys k
  where k.facet = 'preference'
    and k.contact_id in (
      select w.contact_id from written w where w.existing_id is not null and w.was_living and w.will_live
    )
),
