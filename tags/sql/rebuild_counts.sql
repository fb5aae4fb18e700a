-- Count the living contacts of every tag anew. Parameter: organization_id.
-- Why SQL: one pass over the assignments.
update contact_tags t
set contact_count = n.contact_count
from (
  select g.id, count(c.id) as contact_count
  from contact_tags g
  left join contact_tag_assignments a on a.organization_id = %(organization_id)s and a.tag_id = g.id
  left join contacts c
    on c.organization_id = %(organization_id)s and c.id = a.contact_id and c.deleted_at is null
  where g.organization_id = %(organization_id)s
  group by g.id
) n
where t.organization_id = %(organization_id)s and t.id = n.id and t.contact_count <> n.contact_count
