-- What contacts' plan knows of the e-mail preferences of contact c: {"preference:newsletter": false}.
select jsonb_object_agg('preference:' || e.preference_type, e.is_enabled)
from contact_email_preferences e
where e.organization_id = %(organization_id)s and e.contact_id = c.id
