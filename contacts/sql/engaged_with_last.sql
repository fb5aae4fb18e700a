-- How many of the last e-mails that were sent to a contact were opened or clicked by a person. An e-mail is told by the
-- source id of its events, or by their campaign where they have none.
-- Fragments: organization, contact, emails (how many). Why SQL: a count over the first rows of an ordered query.
select count(*)
from (
  select s.source_id, s.campaign_id
  from contact_events s
  where s.organization_id = {organization} and s.contact_id = {contact} and s.event_type = 'email_sent'
  order by s.occurred_at desc, s.id desc
  limit {emails}
) s
where exists (
  select
  from contact_events e
  where e.organization_id = {organization} and e.contact_id = {contact}
    and e.event_type in ('email_opened', 'email_clicked') and not e.is_machine
    and case
      when coalesce(s.source_id, '') <> '' then e.source_id = s.source_id
      else e.campaign_id = s.campaign_id
    end
)
