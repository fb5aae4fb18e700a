-- The contacts that an operation touched, in order of id, with the values they get back.
--
-- A key belongs to the last standing change of it; what an undo wrote is never one. Taking an operation back gives
-- each key that it still owns the value of the last change that stands without it, or else the value before
-- all changes. Putting it back (the undo of an undo) gives each key that it would own again its own value.
-- Who was created and taken back is deleted, whatever becomes of their other changes meanwhile; what the creation
-- gave stays what those fall back to, and putting it back leaves a deletion that stands.
-- Fragments: touched       which changes are taken back or put back.
-- Parameters: organization_id, cursor (the last contact dealt with), batch_size (null: all), now, is_redo.
select
  row_number() over (order by t.contact_id) as row_number,
  t.contact_id,
  null::text as match_key,
  t.history_id,
  t.is_touched_since as is_whole,
  t.is_touched_since or coalesce(k.is_kept, false) as is_kept,
  k.kept_keys,
  case
    when t.is_touched_since then '{}'::jsonb
    when t.change_type = 'created'
      then jsonb_build_object(
        'deleted_at', case when %(is_redo)s then t.deletion else to_jsonb(%(now)s::timestamptz) end
      )
    else coalesce(k.patch, '{}')
  end as patch
from (
  select
    h.id as history_id, h.contact_id, h.change_type, h.new_value,
    h.change_type = 'created' and not %(is_redo)s and exists (
      select
      from contact_history l
      where l.organization_id = %(organization_id)s and l.contact_id = h.contact_id and l.id > h.id
        and l.change_type <> 'undo' and l.undone_by_id is null
    ) as is_touched_since,
    case
      when h.change_type = 'created' and %(is_redo)s then (
        select l.new_value -> 'deleted_at'
        from contact_history l
        where l.organization_id = %(organization_id)s and l.contact_id = h.contact_id and l.id > h.id
          and l.change_type <> 'undo' and l.undone_by_id is null and l.new_value ? 'deleted_at'
        order by l.id desc
        limit 1
      )
    end as deletion,
    h.new_value ? 'deleted_at' and exists (
      select
      from contact_history l
      where l.organization_id = %(organization_id)s and l.contact_id = h.contact_id
        and l.change_type = 'created' and l.undone_by_id is not null
    ) as is_uncreated
  from contact_history h
  where h.organization_id = %(organization_id)s and {touched} and h.contact_id > %(cursor)s
  order by h.contact_id
  limit %(batch_size)s
) t
left join lateral (
  select
    bool_or(o.id <> t.history_id) as is_kept,
    jsonb_agg(n.key) filter (where o.id <> t.history_id) as kept_keys,
    jsonb_object_agg(
      n.key, case when %(is_redo)s then n.value else coalesce(b.value, f.value, 'null') end
    ) filter (where o.id = t.history_id and not (t.is_uncreated and n.key = 'deleted_at')) as patch
  from jsonb_each(t.new_value) n
  cross join lateral (
    select h.id
    from contact_history h
    where h.organization_id = %(organization_id)s and h.contact_id = t.contact_id and h.new_value ? n.key
      and h.change_type <> 'undo' and (h.undone_by_id is null or h.id = t.history_id)
    order by h.id desc
    limit 1
  ) o
  left join lateral (
    select h.new_value -> n.key as value
    from contact_history h
    where h.organization_id = %(organization_id)s and h.contact_id = t.contact_id and h.new_value ? n.key
      and h.change_type <> 'undo' and (h.undone_by_id is null or h.change_type = 'created')
      and h.id <> t.history_id
    order by h.id desc
    limit 1
  ) b on not %(is_redo)s
  left join lateral (
    select h.old_value -> n.key as value
    from contact_history h
    where h.organization_id = %(organization_id)s and h.contact_id = t.contact_id and h.new_value ? n.key
    order by h.id
    limit 1
  ) f on not %(is_redo)s
  where t.change_type <> 'created'
) k on true
