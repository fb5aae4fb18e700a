-- The fewest statements that store events and count them, with no check of anything. First the table that they come into.
create temporary table incoming (
  message_id text, event_type text, email text, occurred_at timestamptz, source text, source_id text, campaign bigint,
  data jsonb
) on commit drop;
-- Then, from it. Parameters: organization_id, now.
with stored as (
  insert into contact_events (
    organization_id, contact_id, event_type, event_data, source, source_id, campaign_id, occurred_at, received_at,
    message_id, is_machine
  )
  select
    %(organization_id)s, c.id, i.event_type, i.data, i.source, i.source_id, i.campaign, i.occurred_at, %(now)s,
    i.message_id, false
  from incoming i
  join contacts c on c.organization_id = %(organization_id)s and c.email_key = i.email and c.deleted_at is null
  returning id, contact_id, event_type, occurred_at
),
engaged as (
  insert into contact_engagement as g (
    organization_id, contact_id, engagement_score, total_emails_sent, total_emails_opened, total_emails_clicked,
    last_email_opened_at, last_email_clicked_at, last_engaged_at
  )
  select
    %(organization_id)s, s.contact_id, 0, count(*) filter (where s.event_type = 'email_sent'),
    count(*) filter (where s.event_type = 'email_opened'), count(*) filter (where s.event_type = 'email_clicked'),
    max(s.occurred_at) filter (where s.event_type = 'email_opened'),
    max(s.occurred_at) filter (where s.event_type = 'email_clicked'), max(s.occurred_at)
  from stored s
  group by s.contact_id
  on conflict (organization_id, contact_id) do update set
    engagement_score = g.engagement_score + 1,
    total_emails_sent = g.total_emails_sent + excluded.total_emails_sent,
    total_emails_opened = g.total_emails_opened + excluded.total_emails_opened,
    total_emails_clicked = g.total_emails_clicked + excluded.total_emails_clicked,
    last_email_opened_at = greatest(g.last_email_opened_at, excluded.last_email_opened_at),
    last_email_clicked_at = greatest(g.last_email_clicked_at, excluded.last_email_clicked_at),
    last_engaged_at = greatest(g.last_engaged_at, excluded.last_engaged_at)
)
insert into contact_changes (organization_id, contact_id, kind, reference)
select %(organization_id)s, s.contact_id, 'event:' || s.event_type, s.id
from stored s
