-- Contacts for reading benchmarks, numbers first to last. Parameters: organization_id, first, last.
insert into contacts (
  organization_id, kind, email, email_key, first_name, last_name, company_name, phone, city, country, source,
  custom_fields, is_active, is_subscribed, engagement_score, created_at, updated_at
)
select
  %(organization_id)s, 'person',
  case when n %% 10 > 0 then lower(f || '.' || l) || n || '@example.com' end,
  case when n %% 10 > 0 then lower(f || '.' || l) || n || '@example.com' end,
  case when n %% 7 > 0 then f end, case when n %% 7 > 0 then l end,
  case when n %% 7 = 0 then l || ' & Sons' end,
  '+479' || lpad((n %% 10000000)::text, 7, '0'), 'Oslo', 'Norway', 'website', '{}', true, n %% 5 > 0,
  case when n %% 3 = 0 then random() * 100 end,
  now() - n * interval '30 seconds', now()
from generate_series(%(first)s::bigint, %(last)s::bigint) as n
cross join lateral (
  select
    (array['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gro', 'Hugo', 'Ida', 'Jon', 'Kim', 'Lea', 'Max', 'Nina',
      'Ola', 'Pia', 'Rolf', 'Siri', 'Tom', 'Una'])[1 + abs(hashint8(n)) %% 20] as f,
    (array['Berg', 'Costa', 'Dahl', 'Eriksen', 'Fischer', 'Garcia', 'Hansen', 'Ito', 'Jensen', 'Kraus', 'Lund',
      'Moen', 'Novak', 'Olsen'])[1 + abs(hashint8(-n)) %% 14] as l
) p
