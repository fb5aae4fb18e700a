-- How many contacts were at each level of engagement on the last days. Parameters: organization_id, first (a day).
-- Returns day, level, contacts. Why SQL: it reads a materialised view.
select s.day, s.level, s.contacts
from contact_engagement_summary s
where s.organization_id = %(organization_id)s and s.day >= %(first)s
order by s.day
