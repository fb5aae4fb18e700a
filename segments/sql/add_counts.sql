-- Add to the numbers of members of segments whose members changed, and count up what caches of them are named after.
-- Parameters: organization_id, and ids, counts: what is to be added to each.
-- Why SQL: one statement whatever the number of segments.
update segments s
set member_count = s.member_count + g.grown, members_version = s.members_version + 1
from unnest(%(ids)s::bigint[], %(counts)s::bigint[]) as g (id, grown)
where s.organization_id = %(organization_id)s and s.id = g.id
