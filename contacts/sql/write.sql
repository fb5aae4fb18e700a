-- Write a batch of wanted values: match, update, insert, keep history, announce changes. One statement.
--
-- Run it under the organization's contact lock. Fragments: those of plan.sql, and
--            facets   what upper floors write for the rows of `written`.
--            slot_*   what the slots hold of the custom fields (contacts/slots.py).
--            changes  the queries of (contact_id, kind, reference) that announce it, each behind `union all`.
--            sink     what is done with the plan, and the final select.
-- Parameters: those of plan.sql, and operation_id, actor_id, now, change_type (null: from the outcome), notes, proof,
--             door, and for each slot the key of the custom field that it carries (or null).
with {plan},
written as materialized (
  select p.*
  from plan p
  where p.outcome = 'created' or p.outcome in ('updated', 'protected') and p.new <> '{}'
),
-- What facets write, taken apart once for all of them.
facet_keys as materialized (
  select
    w.contact_id,
    split_part(k.key, ':', 1) as facet,
    substr(k.key, strpos(k.key, ':') + 1) as name,
    k.value
  from written w
  cross join lateral jsonb_each(w.new) k
  where strpos(k.key, ':') > 0 and k.key not like 'custom:%%'
),
updated as (
  update contacts c
  set
    kind = case when w.new ? 'kind' then w.new ->> 'kind' else c.kind end,
    email = case when w.new ? 'email' then w.new ->> 'email' else c.email end,
    email_key = case when w.new ? 'email_key' then w.new ->> 'email_key' else c.email_key end,
    external_id = case when w.new ? 'external_id' then w.new ->> 'external_id' else c.external_id end,
    phone = case when w.new ? 'phone' then w.new ->> 'phone' else c.phone end,
    first_name = case when w.new ? 'first_name' then w.new ->> 'first_name' else c.first_name end,
    last_name = case when w.new ? 'last_name' then w.new ->> 'last_name' else c.last_name end,
    company_name = case when w.new ? 'company_name' then w.new ->> 'company_name' else c.company_name end,
    job_title = case when w.new ? 'job_title' then w.new ->> 'job_title' else c.job_title end,
    city = case when w.new ? 'city' then w.new ->> 'city' else c.city end,
    country = case when w.new ? 'country' then w.new ->> 'country' else c.country end,
    language = case when w.new ? 'language' then w.new ->> 'language' else c.language end,
    timezone = case when w.new ? 'timezone' then w.new ->> 'timezone' else c.timezone end,
    source = case when w.new ? 'source' then w.new ->> 'source' else c.source end,
    is_active = case when w.new ? 'is_active' then (w.new ->> 'is_active')::boolean else c.is_active end,
    is_subscribed = case
      when w.new ? 'is_subscribed' then (w.new ->> 'is_subscribed')::boolean else c.is_subscribed
    end,
    paused_until = case
      when w.new ? 'paused_until' then (w.new ->> 'paused_until')::timestamptz else c.paused_until
    end,
    deleted_at = case
      when w.new ? 'deleted_at' then (w.new ->> 'deleted_at')::timestamptz else c.deleted_at
    end,
    custom_fields = w.custom_fields,
    {slot_updates},
    updated_at = %(now)s
  from written w
  where c.organization_id = %(organization_id)s and c.id = w.existing_id
  returning c.id
),
inserted as (
  insert into contacts (
    id, organization_id, kind, email, email_key, external_id, phone, first_name, last_name, company_name,
    job_title, city, country, language, timezone, source, is_active, is_subscribed,
    paused_until, custom_fields, {slot_columns},
    created_at, updated_at
  )
  select
    w.contact_id, %(organization_id)s, coalesce(w.new ->> 'kind', 'person'), w.new ->> 'email',
    w.new ->> 'email_key', w.new ->> 'external_id', w.new ->> 'phone', w.new ->> 'first_name',
    w.new ->> 'last_name', w.new ->> 'company_name', w.new ->> 'job_title', w.new ->> 'city',
    w.new ->> 'country', w.new ->> 'language', w.new ->> 'timezone', w.new ->> 'source',
    coalesce((w.new ->> 'is_active')::boolean, true), coalesce((w.new ->> 'is_subscribed')::boolean, true),
    (w.new ->> 'paused_until')::timestamptz, w.custom_fields,
    {slot_values},
    %(now)s, %(now)s
  from written w
  where w.existing_id is null
  order by w.contact_id
  returning id
),
{facets}
recorded as (
  insert into contact_history (
    organization_id, contact_id, operation_id, change_type, old_value, new_value, changed_by_id, changed_at,
    notes, proof
  )
  select
    %(organization_id)s, w.contact_id, %(operation_id)s,
    coalesce(
      %(change_type)s,
      case
        when w.existing_id is null then 'created'
        when w.was_living and not w.will_live then 'deleted'
        when not w.was_living and w.will_live then 'restored'
        else 'updated'
      end
    ),
    w.old, w.new, %(actor_id)s, %(now)s, %(notes)s, %(proof)s::jsonb
  from written w
  order by w.contact_id
  -- Somebody else changed a key between two batches, so that two rows of one operation found one contact.
  on conflict (organization_id, operation_id, contact_id) do update set
    old_value = excluded.old_value || contact_history.old_value,
    new_value = contact_history.new_value || excluded.new_value
  returning contact_id
),
announced as (
  insert into contact_changes (organization_id, contact_id, kind, reference)
  select %(organization_id)s, a.contact_id, a.kind, a.reference
  from (
    select
      w.contact_id,
      case
        when w.existing_id is null then 'created'
        when w.was_living and not w.will_live then 'deleted'
        when not w.was_living and w.will_live then 'restored'
      end as kind,
      null::bigint as reference
    from written w
    where w.will_live or w.was_living
    union all
    select
      w.contact_id,
      case when k.key like 'custom:%%' then k.key else 'attribute:' || k.key end,
      null::bigint
    from written w
    cross join lateral jsonb_object_keys(w.new) as k (key)
    where w.existing_id is not null and w.was_living and w.will_live
      and k.key not in ('deleted_at', 'email_key') and (strpos(k.key, ':') = 0 or k.key like 'custom:%%')
    {changes}
  ) a
  where a.kind is not null
  returning id
)
{sink}
