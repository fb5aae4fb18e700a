-- What a batch of wanted values will do to an organization's contacts, without doing it.
--
-- Shared by the statement that writes and by those that only predict, so that they can't disagree.
-- Fragments: incoming  a query of (row_number, contact_id, match_key, patch); patch is a flat document of
--                      wanted values: attributes by name, custom:<key>, tag:<id>, segment:<id>, deleted_at;
--                      null unsets.
--            match     how a row finds its contact.
--            gone      what upper floors take out of a patch, behind minus signs.
--            documents what upper floors keep about contact c, each a jsonb object, joined by ||.
-- Parameters: organization_id, match (id, any_id, email, external_id), mode (upsert, create, update),
--             protect_opt_outs (an opt-out is not taken back), has_consent (but by this consent it is, unless the
--             address is suppressed), required (keys that a new contact needs), new_only (keys that only new contacts
--             get), fill_only (keys that others keep where they have a value), has_preferences, has_identifiers
--             (whether patches may have such keys, or give a deleted contact back), has_relationships,
--             has_suppressions, is_apart (whether rows are told as if each were the only one: of several that claim
--             one key, none is in another's way).
-- Why SQL: one statement a batch, whatever its size.
incoming as materialized (
  {incoming}
),
matched as materialized (
  select
    i.row_number,
    i.match_key,
    case
      when o.protected = '{}' then f.patch
      when c.id is null then f.patch - o.protected || '{"is_subscribed": false}'
      else f.patch - o.protected
    end as patch,
    o.protected <> '{}' as is_protected,
    c.id as contact_id,
    c.deleted_at is not null as was_deleted,
    c.email_key,
    c.external_id,
    c.custom_fields,
    case when c.id is not null then
      jsonb_build_object(
        'kind', c.kind, 'email', c.email, 'email_key', c.email_key, 'external_id', c.external_id,
        'phone', c.phone, 'first_name', c.first_name, 'last_name', c.last_name,
        'company_name', c.company_name, 'job_title', c.job_title, 'city', c.city, 'country', c.country,
        'language', c.language, 'timezone', c.timezone, 'source', c.source,
        'is_active', c.is_active, 'is_subscribed', c.is_subscribed, 'paused_until', c.paused_until,
        'deleted_at', c.deleted_at
      )
      || coalesce(
        (select jsonb_object_agg('custom:' || f.key, f.value) from jsonb_each(c.custom_fields) f), '{}'
      )
      {documents}
    end as document
  from (
    select i.row_number, i.contact_id, i.match_key, i.patch {gone} as patch
    from incoming i
  ) i
  left join lateral (
    select c.*
    from contacts c
    where c.organization_id = %(organization_id)s and {match}
    limit 1
  ) c on true
  cross join lateral (
    select case
      when c.id is null then i.patch
      -- Who was found by a further address or id keeps the first one.
      else i.patch - %(new_only)s::text[] - case
        when %(match)s = 'email' and c.email_key is distinct from i.match_key then array['email', 'email_key']
        when %(match)s = 'external_id' and c.external_id is distinct from i.match_key then array['external_id']
        else '{}'
      end
      -- What is the contact's first address or number is no further one; nobody works for themselves.
      - case when %(has_identifiers)s and %(match)s <> 'any_id'
        then array['identifier:email:' || c.email_key, 'identifier:phone:' || c.phone]
        else '{}'
      end
      - case when %(has_relationships)s then array['related:company:' || c.id] else '{}' end
    end as patch
  ) f
  cross join lateral (
    -- May this address get mail at all? (Most organizations keep no suppressions: one look tells.)
    select %(protect_opt_outs)s
      and (select exists (select from suppressions s where s.organization_id = %(organization_id)s))
      and exists (
        select
        from suppressions s
        where s.organization_id = %(organization_id)s
          and s.address_hash
            = encode(sha256(convert_to(coalesce(c.email_key, i.patch ->> 'email_key'), 'UTF8')), 'hex')
      ) as is_suppressed
  ) s
  cross join lateral (
    select
      case
        when not %(protect_opt_outs)s then '{}'
        when c.id is not null then
          case
            when not c.is_subscribed and f.patch -> 'is_subscribed' = 'true'
              and (s.is_suppressed or not %(has_consent)s) then array['is_subscribed']
            else '{}'
          end
          || coalesce(
            (
              select array_agg(k.key)
              from jsonb_each(f.patch) k
              where %(has_preferences)s and k.key like 'preference:%%' and k.value = 'true'
                and (
                  s.is_suppressed or not %(has_consent)s and (
                    not c.is_subscribed or k.key <> all(%(fill_only)s::text[]) and exists (
                      select
                      from contact_email_preferences e
                      where e.organization_id = %(organization_id)s and e.contact_id = c.id
                        and e.preference_type = substr(k.key, 12) and not e.is_enabled
                    )
                  )
                )
            ), '{}'
          )
        when f.patch -> 'is_subscribed' = 'false' then '{}'
        -- Who opted out and was deleted has opted out all the same.
        when s.is_suppressed or not %(has_consent)s and exists (
          select
          from contacts d
          where d.organization_id = %(organization_id)s and d.email_key = f.patch ->> 'email_key'
            and d.deleted_at is not null and not d.is_subscribed
        ) then array['is_subscribed'] || coalesce(
          (
            select array_agg(k.key)
            from jsonb_object_keys(f.patch) as k (key)
            where %(has_preferences)s and k.key like 'preference:%%'
          ), '{}'
        )
        else '{}'
      end as protected
  ) o
),
compared as materialized (
  select
    m.*,
    coalesce(d.old, '{}') as old,
    case when m.contact_id is null then jsonb_strip_nulls(m.patch) else coalesce(d.new, '{}') end as new,
    row_number() over (
      partition by m.contact_id, case when m.contact_id is null then m.match_key end,
        case when %(is_apart)s then m.row_number end
      order by m.row_number
    ) as key_turn
  from matched m
  left join lateral (
    select
      jsonb_object_agg(p.key, coalesce(m.document -> p.key, 'null')) as old,
      jsonb_object_agg(p.key, p.value) as new
    from jsonb_each(m.patch) p
    where m.contact_id is not null
      and (p.key <> all(%(fill_only)s::text[]) or coalesce(m.document -> p.key, 'null') = 'null')
      -- An address and its key are one: whoever owns the one has to own the other.
      and case p.key
        when 'email_key' then m.document -> 'email' <> m.patch -> 'email'
        else coalesce(m.document -> p.key, 'null') <> p.value
      end
  ) d on true
),
-- The keys that a row would give to a living contact, where it gives any: they must be nobody else's.
claimed as (
  select
    c.*,
    l.will_live,
    case
      when not l.is_claiming then null
      when c.new ? 'email_key' then c.new ->> 'email_key'
      when c.was_deleted then c.email_key
    end as claimed_email_key,
    case
      when not l.is_claiming then null
      when c.new ? 'external_id' then c.new ->> 'external_id'
      when c.was_deleted then c.external_id
    end as claimed_external_id
  from (
    select
      c.*,
      case
        when c.contact_id is null and %(mode)s = 'update' then 'skipped'
        when c.contact_id is not null and %(mode)s = 'create' then 'skipped'
        when coalesce(c.contact_id::text, c.match_key) is not null and c.key_turn > 1 then 'duplicate'
      end as left_out
    from compared c
  ) c
  cross join lateral (
    select w.will_live, w.will_live and c.left_out is null as is_claiming
    from (
      select
        case when c.new ? 'deleted_at' then c.new -> 'deleted_at' = 'null' else not c.was_deleted end as will_live
    ) w
  ) l
),
-- Further keys that a row would give to a living contact: they must be nobody else's either. Telephones may be shared.
further as materialized (
  select
    c.row_number,
    c.contact_id,
    k.kind,
    k.value_key,
    row_number() over (
      partition by k.kind, k.value_key, case when %(is_apart)s then c.row_number end order by c.row_number
    ) as turn
  from claimed c
  cross join lateral (
    select
      split_part(n.key, ':', 2) as kind,
      substr(n.key, length('identifier:' || split_part(n.key, ':', 2)) + 2) as value_key
    from jsonb_each(c.new) n
    where n.key like 'identifier:%%' and n.value <> 'null'
    union
    select x.kind, x.value_key
    from contact_identifiers x
    where x.organization_id = %(organization_id)s and x.contact_id = c.contact_id and c.was_deleted
      and c.new -> ('identifier:' || x.kind || ':' || x.value_key) is distinct from 'null'
  ) k
  where %(has_identifiers)s and c.left_out is null and c.will_live and k.kind <> 'phone'
),
taken as materialized (
  select distinct on (f.row_number) f.row_number, f.kind, f.value_key, o.id as owner
  from further f
  left join lateral (
    select x.contact_id as id
    from contact_identifiers x
    where x.organization_id = %(organization_id)s and x.kind = f.kind and x.value_key = f.value_key
      and x.is_living and x.contact_id is distinct from f.contact_id
    union all
    select c.id
    from contacts c
    where f.kind = 'email' and c.organization_id = %(organization_id)s and c.email_key = f.value_key
      and c.deleted_at is null and c.id is distinct from f.contact_id
    union all
    select c.id
    from contacts c
    where f.kind = 'external_id' and c.organization_id = %(organization_id)s and c.external_id = f.value_key
      and c.deleted_at is null and c.id is distinct from f.contact_id
    limit 1
  ) o on true
  where f.turn > 1 or o.id is not null
  order by f.row_number, f.kind
),
-- Of two rows that claim one key, the first gets it.
queued as (
  select
    c.*,
    row_number() over (
      partition by c.claimed_email_key, case when %(is_apart)s then c.row_number end order by c.row_number
    ) as email_turn,
    row_number() over (
      partition by c.claimed_external_id, case when %(is_apart)s then c.row_number end order by c.row_number
    ) as external_id_turn
  from claimed c
),
decided as (
  select
    c.*,
    e.id as email_owner,
    x.id as external_id_owner,
    case
      when t.row_number is not null then jsonb_strip_nulls(
        jsonb_build_object(
          'code', case when t.owner is null then 'identifier_repeated' else 'identifier_taken' end,
          'kind', t.kind, 'value', t.value_key, 'contact', t.owner
        )
      )
    end as identifier_error,
    case
      when c.left_out is not null then c.left_out
      when c.contact_id is null and not c.new ?& %(required)s::text[] then 'failed'
      when e.id is not null or x.id is not null then 'failed'
      when t.row_number is not null then 'failed'
      when c.claimed_email_key is not null and c.email_turn > 1 then 'failed'
      when c.claimed_external_id is not null and c.external_id_turn > 1 then 'failed'
      when c.is_protected then 'protected'
      when c.contact_id is null then 'created'
      when c.new <> '{}' then 'updated'
      else 'unchanged'
    end as outcome
  from queued c
  left join lateral (
    select o.id
    from contacts o
    where o.organization_id = %(organization_id)s and o.email_key = c.claimed_email_key
      and o.deleted_at is null and o.id is distinct from c.contact_id
    union all
    select x.contact_id
    from contact_identifiers x
    where x.organization_id = %(organization_id)s and x.kind = 'email' and x.value_key = c.claimed_email_key
      and x.is_living and x.contact_id is distinct from c.contact_id
    limit 1
  ) e on c.claimed_email_key is not null
  left join lateral (
    select o.id
    from contacts o
    where o.organization_id = %(organization_id)s and o.external_id = c.claimed_external_id
      and o.deleted_at is null and o.id is distinct from c.contact_id
    union all
    select i.contact_id
    from contact_identifiers i
    where i.organization_id = %(organization_id)s and i.kind = 'external_id'
      and i.value_key = c.claimed_external_id and i.is_living and i.contact_id is distinct from c.contact_id
    limit 1
  ) x on c.claimed_external_id is not null
  left join taken t on t.row_number = c.row_number
),
plan as materialized (
  select
    d.row_number,
    d.contact_id as existing_id,
    case
      when d.contact_id is null and d.outcome in ('created', 'protected') and %(is_write)s
        then nextval('contacts_id_seq')
      else d.contact_id
    end as contact_id,
    d.outcome,
    d.old,
    d.new,
    d.will_live,
    d.contact_id is not null and not d.was_deleted as was_living,
    jsonb_strip_nulls(
      coalesce(d.custom_fields, '{}')
      || coalesce(
        (
          select jsonb_object_agg(substr(k.key, 8), k.value)
          from jsonb_each(d.new) k
          where k.key like 'custom:%%'
        ), '{}'
      )
    ) as custom_fields,
    case
      when d.outcome <> 'failed' then null
      when d.contact_id is null and not d.new ?& %(required)s::text[]
        then jsonb_build_object(
          'code', 'required',
          'keys', (select jsonb_agg(r.key) from unnest(%(required)s::text[]) as r (key) where not d.new ? r.key)
        )
      when d.identifier_error is not null then d.identifier_error
      when d.email_owner is not null then jsonb_build_object('code', 'email_taken', 'contact', d.email_owner)
      when d.external_id_owner is not null
        then jsonb_build_object('code', 'external_id_taken', 'contact', d.external_id_owner)
      when d.claimed_email_key is not null and d.email_turn > 1
        then jsonb_build_object('code', 'email_repeated')
      else jsonb_build_object('code', 'external_id_repeated')
    end as error
  -- New contacts get their ids in the order of the rows.
  from (select d.* from decided d order by d.row_number) d
)
