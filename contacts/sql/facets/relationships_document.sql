-- What contacts' plan knows of the relationships of contact c: {"related:company:77": true}.
select jsonb_object_agg('related:' || r.relationship_type || ':' || r.related_contact_id, true)
from contact_relationships r
where r.organization_id = %(organization_id)s and r.contact_id = c.id
