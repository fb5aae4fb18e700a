-- People for events. Parameters: organization_id, count.
insert into contacts (organization_id, kind, email, email_key, is_active, is_subscribed, custom_fields, created_at, updated_at)
select
  %(organization_id)s, 'person', 'person' || n || '@example.org', 'person' || n || '@example.org', true, true, '{}',
  now(), now()
from generate_series(0, %(count)s - 1) n
