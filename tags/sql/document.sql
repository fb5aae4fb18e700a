-- What contacts' plan knows of the tags of contact c: {"tag:12": true}.
select jsonb_object_agg('tag:' || a.tag_id, true)
from contact_tag_assignments a
where a.organization_id = %(organization_id)s and a.contact_id = c.id
