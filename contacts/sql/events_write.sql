-- Store a batch of events, and add up what they tell about their contacts. One statement whatever the size.
--
-- Run it under the organization's contact lock. Parameters: organization_id, now; people: JSON, how each contact is found
-- ({person, id, external_id, email_key}, one of the last three); events: JSON ({place, person (null: nobody's), event_type,
-- data, url (of clicks), source, source_id, campaign_id, automation_id, website_id, occurred_at, message_id, is_machine
-- (whether it is known to be of one), weight (log2 of what it adds to the stored score; null: nothing)}); and speed and
-- burst, in seconds. Returns the place of each event, its contact, whether it is nobody's, and whether it was stored (else
-- it came before). Why SQL: it resolves, stores, counts and announces as one; and JSON is written faster than arrays are.
with incoming as materialized (
  select *
  from json_to_recordset(%(events)s::json) as e (
    place integer, person bigint, event_type text, data jsonb, url text, source text, source_id text, campaign_id bigint,
    automation_id bigint, website_id bigint, occurred_at timestamptz, message_id text, is_machine boolean, weight float8
  )
),
-- Who the contacts are: by id, or by their key, or by a further one.
found as materialized (
  select k.person, coalesce(
    (
      select c.id
      from contacts c
      where c.organization_id = %(organization_id)s and c.id = k.id and c.deleted_at is null
    ),
    (
      select c.id
      from contacts c
      where c.organization_id = %(organization_id)s and c.external_id = k.external_id and c.deleted_at is null
    ),
    (
      select c.id
      from contacts c
      where c.organization_id = %(organization_id)s and c.email_key = k.email_key and c.deleted_at is null
    ),
    (
      select x.contact_id
      from contact_identifiers x
      where x.organization_id = %(organization_id)s and x.is_living
        and x.kind = case when k.email_key is null then 'external_id' else 'email' end
        and x.value_key = coalesce(k.email_key, k.external_id)
    )
  ) as contact_id
  from json_to_recordset(%(people)s::json) as k (person bigint, id bigint, external_id text, email_key text)
),
judged as materialized (
  select
    i.*,
    f.contact_id,
    -- Machines are quicker than people: they open what was just sent, and click several links at once.
    i.is_machine or (
      i.event_type in ('email_opened', 'email_clicked') and i.source_id <> '' and f.contact_id is not null and (
        exists (
          select
          from contact_events s
          where s.organization_id = %(organization_id)s and s.contact_id = f.contact_id
            and s.event_type in ('email_sent', 'email_delivered') and s.source_id = i.source_id
            and s.occurred_at > i.occurred_at - make_interval(secs => %(speed)s) and s.occurred_at <= i.occurred_at
        )
        or i.event_type = 'email_clicked' and (
          select count(distinct s.event_data ->> 'url')
          from contact_events s
          where s.organization_id = %(organization_id)s and s.contact_id = f.contact_id
            and s.event_type = 'email_clicked' and s.source_id = i.source_id
            and s.occurred_at between i.occurred_at - make_interval(secs => %(burst)s)
              and i.occurred_at + make_interval(secs => %(burst)s)
            and coalesce(s.event_data ->> 'url', '') <> i.url
        ) >= 2
      )
    ) as is_of_machine
  from incoming i
  left join found f on f.person = i.person
),
stored as (
  insert into contact_events (
    organization_id, contact_id, event_type, event_data, source, source_id, campaign_id, automation_id, website_id,
    occurred_at, received_at, message_id, is_machine
  )
  select
    %(organization_id)s, j.contact_id, j.event_type, j.data, j.source, j.source_id, j.campaign_id,
    j.automation_id, j.website_id, j.occurred_at, %(now)s, j.message_id, j.is_of_machine
  from judged j
  where j.contact_id is not null or j.person is null
  order by j.place
  on conflict (organization_id, message_id) do nothing
  returning id, contact_id, event_type, occurred_at, message_id, is_machine
),
counted as (
  select s.*, j.weight, j.place
  from stored s
  join judged j on j.message_id = s.message_id
),
summed as (
  select
    c.contact_id,
    count(*) filter (where c.event_type = 'email_sent') as sent,
    count(*) filter (where c.event_type = 'email_opened') as opened,
    count(*) filter (where c.event_type = 'email_clicked') as clicked,
    max(c.occurred_at) filter (where c.event_type = 'email_opened') as opened_at,
    max(c.occurred_at) filter (where c.event_type = 'email_clicked') as clicked_at,
    max(c.occurred_at) filter (where c.weight is not null) as engaged_at,
    -- log-sum-exp: what a power would overflow at is taken off before.
    max(c.weight) + ln(sum(power(2::float8, greatest(c.weight - c.top, -1000)))) / ln(2::float8) as score
  from (
    select c.*, max(c.weight) over (partition by c.contact_id) as top
    from counted c
    where c.contact_id is not null and not c.is_machine
  ) c
  group by c.contact_id
),
engaged as (
  insert into contact_engagement as g (
    organization_id, contact_id, engagement_score, total_emails_sent, total_emails_opened, total_emails_clicked,
    last_email_opened_at, last_email_clicked_at, last_engaged_at
  )
  select
    %(organization_id)s, s.contact_id, s.score, s.sent, s.opened, s.clicked, s.opened_at, s.clicked_at, s.engaged_at
  from summed s
  order by s.contact_id
  on conflict (organization_id, contact_id) do update set
    engagement_score = case
      when g.engagement_score is null then excluded.engagement_score
      when excluded.engagement_score is null then g.engagement_score
      else greatest(g.engagement_score, excluded.engagement_score) + ln(
        1 + power(2::float8, greatest(-abs(g.engagement_score - excluded.engagement_score), -1000))
      ) / ln(2::float8)
    end,
    total_emails_sent = g.total_emails_sent + excluded.total_emails_sent,
    total_emails_opened = g.total_emails_opened + excluded.total_emails_opened,
    total_emails_clicked = g.total_emails_clicked + excluded.total_emails_clicked,
    last_email_opened_at = greatest(g.last_email_opened_at, excluded.last_email_opened_at),
    last_email_clicked_at = greatest(g.last_email_clicked_at, excluded.last_email_clicked_at),
    last_engaged_at = greatest(g.last_engaged_at, excluded.last_engaged_at)
),
announced as (
  insert into contact_changes (organization_id, contact_id, kind, reference)
  select %(organization_id)s, s.contact_id, 'event:' || s.event_type, s.id
  from stored s
  where s.contact_id is not null
  order by s.id
)
select j.place, j.contact_id, j.person is null as is_anonymous, c.place is not null as is_stored
from judged j
left join counted c on c.place = j.place
order by j.place
