-- Let a twentieth of a segment's members be missing, and as large a part of all others be in. Statements are separated by
-- lines of dashes. Parameters: organization_id, segment_id.
insert into contact_segment_memberships (organization_id, segment_id, contact_id, added_at, computed_at)
select c.organization_id, %(segment_id)s, c.id, now(), now()
from contacts c
where c.organization_id = %(organization_id)s and c.id %% 20 = 7
on conflict do nothing
----
delete from contact_segment_memberships m
where m.organization_id = %(organization_id)s and m.segment_id = %(segment_id)s and m.contact_id %% 20 = 3
