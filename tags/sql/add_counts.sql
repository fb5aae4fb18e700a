-- Add to the counts of tags. Parameters: organization_id, tags and deltas (arrays of the same length).
-- Why SQL: one statement for all tags of a batch.
update contact_tags t
set contact_count = t.contact_count + d.delta
from unnest(%(tags)s::bigint[], %(deltas)s::bigint[]) as d (tag_id, delta)
where t.organization_id = %(organization_id)s and t.id = d.tag_id and d.delta <> 0
