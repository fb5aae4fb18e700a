-- The floor: what has to be written for an import, by COPY and the fewest set-based statements, with no check of any
-- cell. Statements are separated by lines of dashes; `staging` is filled by COPY before.
-- Parameters: organization_id, operation_id, import_job_id.
insert into contact_tags (organization_id, name, name_key, color, description, contact_count, created_at)
select %(organization_id)s, t.name, lower(t.name), '#6b7280', '', 0, now()
from (
  select distinct u.name from staging s, unnest(string_to_array(s.tags, ';')) as u (name)
) t
order by length(t.name), t.name
----
insert into contact_custom_field_definitions (
  organization_id, key, label, type, choices, is_required, is_indexed, created_at
)
values
  (%(organization_id)s, 'age', 'Age', 'number', '[]', false, false, now()),
  (%(organization_id)s, 'joined', 'Joined', 'date', '[]', false, false, now()),
  (%(organization_id)s, 'plan', 'Plan', 'text', '[]', false, false, now())
----
alter table staging add column contact_id bigint default nextval('contacts_id_seq')
----
insert into contacts (
  id, organization_id, kind, email, email_key, first_name, last_name, phone, city, country, custom_fields,
  is_active, is_subscribed, created_at, updated_at
)
select
  contact_id, %(organization_id)s, 'person', email, email, first_name, last_name, phone, city, country,
  jsonb_build_object('age', age::numeric, 'joined', joined, 'plan', plan), true, true, now(), now()
from staging
----
insert into contact_tag_assignments (organization_id, contact_id, tag_id, assigned_at, source)
select %(organization_id)s, s.contact_id, t.id, now(), 'import'
from staging s, unnest(string_to_array(s.tags, ';')) as u (name)
join contact_tags t on t.organization_id = %(organization_id)s and t.name_key = lower(u.name)
----
insert into contact_history (
  organization_id, contact_id, operation_id, change_type, old_value, new_value, changed_at, notes
)
select
  %(organization_id)s, s.contact_id, %(operation_id)s, 'created', '{}',
  jsonb_build_object(
    'email', email, 'email_key', email, 'first_name', first_name, 'last_name', last_name, 'phone', phone,
    'city', city, 'country', country, 'custom:age', age::numeric, 'custom:joined', joined, 'custom:plan', plan
  ) || (
    select jsonb_object_agg('tag:' || t.id, true)
    from unnest(string_to_array(s.tags, ';')) as u (name)
    join contact_tags t on t.organization_id = %(organization_id)s and t.name_key = lower(u.name)
  ),
  now(), ''
from staging s
----
insert into contact_changes (organization_id, contact_id, kind)
select %(organization_id)s, contact_id, 'created' from staging
----
insert into contact_changes (organization_id, contact_id, kind, reference)
select %(organization_id)s, contact_id, 'tag_added', tag_id
from contact_tag_assignments
where organization_id = %(organization_id)s
----
insert into import_records (
  organization_id, import_job_id, row_number, line_number, raw, cleaned, match_key, is_valid, predicted, outcome,
  contact_id
)
select
  %(organization_id)s, %(import_job_id)s, row_number, row_number + 1,
  jsonb_build_array(email, first_name, last_name, phone, city, country, age, joined, plan, tags),
  jsonb_build_object(
    'email', email, 'email_key', email, 'first_name', first_name, 'last_name', last_name, 'phone', phone,
    'city', city, 'country', country, 'custom:age', age::numeric, 'custom:joined', joined, 'custom:plan', plan,
    'tags', to_jsonb(string_to_array(lower(tags), ';'))
  ),
  email, true, 'created', 'created', contact_id
from staging
----
analyze contacts
