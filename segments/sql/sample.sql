-- The first living contact at or behind each of some places in the order of ids.
-- Parameters: organization_id, places. Why SQL: one range of an index a place, whatever the size of the organization.
select distinct c.id
from unnest(%(places)s::bigint[]) as p (place)
cross join lateral (
  select c.id
  from contacts c
  where c.organization_id = %(organization_id)s and c.id >= p.place and c.deleted_at is null
  order by c.id
  limit 1
) c
