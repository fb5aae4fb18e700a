-- What an undo would do to the contacts of changes that claim keys (addresses, ids, a place among the living): who would
-- be without one, because somebody else has it or because an earlier one of them claims it too, is blocked. With each
-- bucket come its first contacts, and how many of them nothing at all would go back of.
-- It decides as plan.sql does, and looks at nothing but keys: documents and patches as a whole cost five times as much.
-- Fragment: incoming    undo_incoming.sql, of the changes that claim keys.
-- Parameters: those of undo_incoming, and examples (how many).
-- Why SQL: a few probes of indexes for each contact.
with incoming as materialized (
  {incoming}
),
faced as materialized (
  select
    i.row_number, i.contact_id, i.is_kept, i.patch, c.id is null as is_erased, c.deleted_at is not null as was_deleted,
    case when i.patch ? 'deleted_at' then i.patch -> 'deleted_at' = 'null' else c.deleted_at is null end as will_live,
    case
      when i.patch ? 'email_key' and c.email is distinct from i.patch ->> 'email' then i.patch ->> 'email_key'
      when c.deleted_at is not null then c.email_key
    end as email_key,
    case
      when i.patch ? 'external_id' and c.external_id is distinct from i.patch ->> 'external_id'
        then i.patch ->> 'external_id'
      when c.deleted_at is not null then c.external_id
    end as external_id
  from incoming i
  left join contacts c on c.organization_id = %(organization_id)s and c.id = i.contact_id
),
claims as materialized (
  select
    f.row_number, f.contact_id, k.kind, k.value_key,
    row_number() over (partition by k.is_further, k.kind, k.value_key order by f.row_number) as turn
  from faced f
  cross join lateral (
    select false as is_further, 'email' as kind, f.email_key as value_key
    union all
    select false, 'external_id', f.external_id
    union all
    select true, n.kind, n.value_key
    from (
      select n.kind, substr(n.key, length('identifier:' || n.kind) + 2) as value_key
      from (
        select p.key, p.value, split_part(p.key, ':', 2) as kind
        from jsonb_each_text(f.patch) p
        where p.key like 'identifier:%%' and p.value is not null
      ) n
      where not exists (
        select
        from contact_identifiers x
        where x.organization_id = %(organization_id)s and x.contact_id = f.contact_id and x.kind = n.kind
          and 'identifier:' || x.kind || ':' || x.value_key = n.key and x.value = n.value
      )
      union
      select x.kind, x.value_key
      from contact_identifiers x
      where x.organization_id = %(organization_id)s and x.contact_id = f.contact_id and f.was_deleted
        and f.patch -> ('identifier:' || x.kind || ':' || x.value_key) is distinct from 'null'
    ) n
    where n.kind <> 'phone'
  ) k
  where f.will_live and not f.is_erased and k.value_key is not null
),
refused as materialized (
  select distinct c.row_number
  from claims c
  where c.turn > 1
    or exists (
      select
      from contact_identifiers x
      where x.organization_id = %(organization_id)s and x.kind = c.kind and x.value_key = c.value_key
        and x.kind <> 'phone' and x.is_living and x.contact_id <> c.contact_id
    )
    or c.kind = 'email' and exists (
      select
      from contacts o
      where o.organization_id = %(organization_id)s and o.email_key = c.value_key and o.deleted_at is null
        and o.id <> c.contact_id
    )
    or c.kind = 'external_id' and exists (
      select
      from contacts o
      where o.organization_id = %(organization_id)s and o.external_id = c.value_key and o.deleted_at is null
        and o.id <> c.contact_id
    )
)
select
  r.bucket,
  count(*),
  count(*) filter (where r.bucket = 'kept' and r.is_untouched),
  array_agg(r.contact_id order by r.contact_id) filter (where r.place <= %(examples)s)
from (
  select b.bucket, f.contact_id, f.patch = '{}' as is_untouched,
    row_number() over (partition by b.bucket order by f.contact_id) as place
  from faced f
  left join refused x on x.row_number = f.row_number
  cross join lateral (
    select case
      when f.is_erased or x.row_number is not null then 'blocked' when f.is_kept then 'kept' else 'reverted'
    end as bucket
  ) b
) r
group by 1
