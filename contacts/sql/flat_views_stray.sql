-- The organizations that are gone, or have no custom field, of which a flat view is still there.
--
-- SQL, because it reads the catalogue. Parameters: schema and name (the beginning of the views' names).
select substr(m.matviewname, length(%(name)s) + 1)::bigint
from pg_matviews m
where m.schemaname = %(schema)s
  and m.matviewname ~ ('^' || %(name)s || '[0-9]+$')
  and not exists (
    select from contact_flat_views v
    where v.organization_id = substr(m.matviewname, length(%(name)s) + 1)::bigint
  )
