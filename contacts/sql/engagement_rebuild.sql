-- Add up anew what the events of some contacts tell, and write what differs; announces those whose figures did.
--
-- Run it under the organization's contact lock. Parameters: organization_id, first, last (ids of contacts), weights
-- (JSON, by kind of event), other_weight, epoch, half_life (in days). Returns how many differed. A score that agrees to
-- within 1e-9 counts as the same: sums in another order differ in their last digits.
-- Why SQL: one statement for a range of contacts, whatever their events.
with wanted as materialized (
  select
    e.contact_id,
    max(e.weight) + ln(sum(power(2::float8, greatest(e.weight - e.top, -1000)))) / ln(2::float8) as engagement_score,
    count(*) filter (where e.event_type = 'email_sent') as total_emails_sent,
    count(*) filter (where e.event_type = 'email_opened') as total_emails_opened,
    count(*) filter (where e.event_type = 'email_clicked') as total_emails_clicked,
    max(e.occurred_at) filter (where e.event_type = 'email_opened') as last_email_opened_at,
    max(e.occurred_at) filter (where e.event_type = 'email_clicked') as last_email_clicked_at,
    max(e.occurred_at) filter (where e.weight is not null) as last_engaged_at
  from (
    select w.*, max(w.weight) over (partition by w.contact_id) as top
    from (
      select
        v.contact_id, v.event_type, v.occurred_at,
        case
          when coalesce((%(weights)s::jsonb ->> v.event_type)::float8, %(other_weight)s) > 0 then
            ln(coalesce((%(weights)s::jsonb ->> v.event_type)::float8, %(other_weight)s)) / ln(2::float8)
            + extract(epoch from v.occurred_at - %(epoch)s)::float8 / 86400 / %(half_life)s
        end as weight
      from contact_events v
      where v.organization_id = %(organization_id)s and v.contact_id between %(first)s and %(last)s
        and not v.is_machine
    ) w
  ) e
  group by e.contact_id
),
gone as (
  delete from contact_engagement g
  where g.organization_id = %(organization_id)s and g.contact_id between %(first)s and %(last)s
    and not exists (select from wanted w where w.contact_id = g.contact_id)
  returning g.contact_id
),
written as (
  insert into contact_engagement as g (
    organization_id, contact_id, engagement_score, total_emails_sent, total_emails_opened, total_emails_clicked,
    last_email_opened_at, last_email_clicked_at, last_engaged_at
  )
  select
    %(organization_id)s, w.contact_id, w.engagement_score, w.total_emails_sent, w.total_emails_opened,
    w.total_emails_clicked, w.last_email_opened_at, w.last_email_clicked_at, w.last_engaged_at
  from wanted w
  order by w.contact_id
  on conflict (organization_id, contact_id) do update set
    engagement_score = excluded.engagement_score,
    total_emails_sent = excluded.total_emails_sent,
    total_emails_opened = excluded.total_emails_opened,
    total_emails_clicked = excluded.total_emails_clicked,
    last_email_opened_at = excluded.last_email_opened_at,
    last_email_clicked_at = excluded.last_email_clicked_at,
    last_engaged_at = excluded.last_engaged_at
  where abs(g.engagement_score - excluded.engagement_score) > 1e-9
    or (g.engagement_score is null) <> (excluded.engagement_score is null)
    or row(
      g.total_emails_sent, g.total_emails_opened, g.total_emails_clicked, g.last_email_opened_at,
      g.last_email_clicked_at, g.last_engaged_at
    ) is distinct from row(
      excluded.total_emails_sent, excluded.total_emails_opened, excluded.total_emails_clicked,
      excluded.last_email_opened_at, excluded.last_email_clicked_at, excluded.last_engaged_at
    )
  returning g.contact_id
),
differed as (
  select contact_id from gone
  union all
  select contact_id from written
),
announced as (
  insert into contact_changes (organization_id, contact_id, kind)
  select %(organization_id)s, d.contact_id, 'engagement'
  from differed d
  order by d.contact_id
)
select count(*) from differed
