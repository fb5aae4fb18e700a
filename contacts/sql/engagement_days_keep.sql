-- Keep what the view of engagement says of days, so that it goes on saying it when they are over. No parameters: all
-- organizations at once. Why SQL: it reads a view and writes a table as one.
with emptied as (
  -- Levels that nobody is at any more on the day that the view was refreshed.
  delete from contact_engagement_days d
  where d.day = (select max(s.day) from contact_engagement_summary s)
    and not exists (
      select from contact_engagement_summary s
      where s.organization_id = d.organization_id and s.day = d.day and s.level = d.level
    )
)
insert into contact_engagement_days (organization_id, day, level, contacts)
select s.organization_id, s.day, s.level, s.contacts
from contact_engagement_summary s
join organizations o on o.id = s.organization_id
order by s.organization_id, s.day, s.level
on conflict (organization_id, day, level) do update set contacts = excluded.contacts
where contact_engagement_days.contacts <> excluded.contacts
