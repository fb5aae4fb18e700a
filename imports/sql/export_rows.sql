-- Some contacts as the cells of a file, in the order of their ids: those that still live.
-- Fragments: columns, the cells as texts; joins, what they need beside the contact.
-- Parameters: organization_id, ids, and the key of each custom field (key_1, …).
-- SQL, for COPY: rows go from the table to the file without becoming objects on the way.
select {columns}
from contacts c
{joins}
where c.organization_id = %(organization_id)s
  and c.id = any(%(ids)s)
  and c.deleted_at is null
order by c.id
