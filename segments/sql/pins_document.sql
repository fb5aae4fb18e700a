-- What contacts' plan knows of the pins of contact c: {"segment:12": true}, or false for who is kept out.
select jsonb_object_agg('segment:' || p.segment_id, p.is_in)
from contact_segment_pins p
where p.organization_id = %(organization_id)s and p.contact_id = c.id
