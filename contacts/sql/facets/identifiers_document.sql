-- What contacts' plan knows of the further keys of contact c: {"identifier:email:ana@example.org": "Ana@example.org"}.
select jsonb_object_agg('identifier:' || x.kind || ':' || x.value_key, x.value)
from contact_identifiers x
where x.organization_id = %(organization_id)s and x.contact_id = c.id
