-- Bring a slot of the next contacts, the deleted ones too, in line with their custom fields: a step of a filling.
--
-- SQL, because it is one statement for 5,000 contacts. Run it under the organization's contact lock. Nothing about the
-- contacts changes, so there is no history and no change to announce, and `updated_at` stays. Fragments:
--            slot     the column.
--            value    what it is to hold (contacts/slots.py), or null.
-- Parameters: organization_id, cursor (the last contact that was seen), batch_size, and what the value asks for (key).
-- Returns the last contact, how many were looked at, and how many lacked their value.
with batch as materialized (
  select c.id
  from contacts c
  where c.organization_id = %(organization_id)s and c.id > %(cursor)s
  order by c.id
  limit %(batch_size)s
),
filled as (
  update contacts c
  set {slot} = {value}
  from batch b
  where c.organization_id = %(organization_id)s and c.id = b.id and c.{slot} is distinct from {value}
  returning c.id
)
select (select max(id) from batch), (select count(*) from batch), (select count(*) from filled)
