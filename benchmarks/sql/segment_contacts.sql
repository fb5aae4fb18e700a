-- Contacts for benchmarks of segments, numbers first to last: twelve cities, an age for nine in ten and a birthday (in
-- their slots too), a plan. Parameters: organization_id, first, last.
insert into contacts (
  organization_id, kind, email, email_key, first_name, last_name, city, country, custom_fields, number_1, time_1, is_active,
  is_subscribed, created_at, updated_at
)
select
  %(organization_id)s, 'person', 'person' || n || '@example.com', 'person' || n || '@example.com',
  (array['Ana', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn', 'Gro', 'Hugo', 'Ida', 'Jon'])[1 + h %% 10],
  (array['Berg', 'Costa', 'Dahl', 'Eriksen', 'Fischer', 'Garcia', 'Hansen', 'Ito'])[1 + h / 16 %% 8],
  (array['Oslo', 'Bergen', 'Berlin', 'Hamburg', 'Lisbon', 'Porto', 'Kyoto', 'Osaka', 'Lima', 'Cusco', 'Accra',
    'Kumasi'])[1 + h / 256 %% 12],
  (array['Norway', 'Germany', 'Portugal', 'Japan', 'Peru', 'Ghana'])[1 + h / 512 %% 6],
  jsonb_build_object(
    'age', age, 'plan', (array['free', 'team', 'business'])[1 + h / 65536 %% 3],
    'born', born
  ),
  age, born, true, h / 32 %% 5 > 0, now() - n * interval '30 seconds', now()
from generate_series(%(first)s::bigint, %(last)s::bigint) as n
cross join lateral (select abs(hashint8(n)::bigint) as h) r
cross join lateral (select date '1940-01-01' + (h / 4096 %% 25000)::int as born) b
cross join lateral (select case when h / 128 %% 10 > 0 then 18 + h / 1024 %% 70 end as age) a
