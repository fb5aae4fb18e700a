-- Contacts with three custom fields and one or two of twenty tags each. Parameters: organization_id, rows.
with people as (
  insert into contacts (
    organization_id, kind, email, email_key, first_name, last_name, phone, city, country, external_id, custom_fields,
    is_active, is_subscribed, created_at, updated_at
  )
  select
    %(organization_id)s, 'person', 'person' || n || '@example.com', 'person' || n || '@example.com',
    (array['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gro', 'Hugo', 'Ida', 'Jon'])[1 + n %% 10],
    (array['Berg', 'Costa', 'Dahl', 'Eriksen', 'Fischer', 'Garcia', 'Hansen', 'Ito'])[1 + n %% 8],
    '+479' || lpad((n %% 10000000)::text, 7, '0'), 'Oslo', 'Norway', lpad(n::text, 8, '0'),
    jsonb_build_object('age', 18 + n %% 70, 'joined', date '2010-01-01' + (n %% 5000)::int, 'plan', 'team'),
    true, n %% 5 > 0, now(), now()
  from generate_series(1, %(rows)s::bigint) as n
  returning organization_id, id
),
words as (
  insert into contact_tags (organization_id, name, name_key, color, description, contact_count, created_at)
  select %(organization_id)s, 'Tag ' || n, 'tag ' || n, '#6b7280', '', 0, now()
  from generate_series(0, 19) as n
  returning id, substring(name from 5)::int as n
)
insert into contact_tag_assignments (organization_id, contact_id, tag_id, assigned_at, source)
select p.organization_id, p.id, w.id, now(), 'command'
from people p
join words w on w.n in (p.id %% 20, (p.id / 20) %% 20)
