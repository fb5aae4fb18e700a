-- The changes of a contact that own some keys, each the last one of its key that stands; and the contact's creation.
--
-- As in undo_incoming.sql: what an undo wrote owns nothing, and a creation that was taken back is still what the
-- values of the deleted contact come from.
-- SQL because it takes the documents of keys apart, and the last change of each key is wanted.
-- Parameters: organization_id, contact_id, keys.
select o.id
from (
  select distinct on (k.key) h.id
  from contact_history h
  cross join lateral jsonb_object_keys(h.new_value) as k (key)
  where h.organization_id = %(organization_id)s and h.contact_id = %(contact_id)s and h.change_type <> 'undo'
    and (h.undone_by_id is null or h.change_type = 'created') and k.key = any(%(keys)s)
  order by k.key, h.id desc
) o
union all
select h.id
from contact_history h
where h.organization_id = %(organization_id)s and h.contact_id = %(contact_id)s and h.change_type = 'created'
