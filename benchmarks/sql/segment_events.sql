-- Events of the last year, numbers first to last: some people do much, many do little. Parameters: organization_id, first,
-- last, least (the first contact's id), rows (how many contacts), now.
insert into contact_events (
  organization_id, contact_id, event_type, event_data, source, source_id, occurred_at, received_at, message_id,
  is_machine
)
select
  %(organization_id)s, %(least)s + floor(power(random(), 1.5) * %(rows)s)::bigint,
  (array['email_sent', 'email_sent', 'email_sent', 'email_sent', 'email_opened', 'email_opened', 'email_opened',
    'email_clicked', 'page_visited', 'form_submitted'])[1 + n %% 10],
  jsonb_build_object('url', '/page/' || n %% 50), 'benchmark', '', r.moment, r.moment, 'event ' || n, n %% 40 = 7
from generate_series(%(first)s::bigint, %(last)s::bigint) as n
cross join lateral (select %(now)s::timestamptz - random() * interval '365 days' + n * interval '0' as moment) r
