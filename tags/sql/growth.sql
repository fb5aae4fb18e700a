-- How many of the living contacts that have a tag got it on each day, in UTC.
-- Parameters: organization_id, tag_id. Why SQL: one pass over the tag's assignments.
select (a.assigned_at at time zone 'UTC')::date as day, count(*)
from contact_tag_assignments a
join contacts c
  on c.organization_id = %(organization_id)s and c.id = a.contact_id and c.deleted_at is null
where a.organization_id = %(organization_id)s and a.tag_id = %(tag_id)s
group by 1
order by 1
