-- The latest events of a contact. Parameters: organization_id, contact_id; until, below: only those earlier than `until`, or
-- then and with a smaller id (both null: all); amount; is_mail: only those of mails, or only the others (null: both);
-- without: kinds that are left out; is_of_people: whether those of machines are left out. Returns their ids, latest first.
-- Why SQL: somebody may have very many. The index tells the few kinds one by one, and the latest of each.
with recursive kinds as (
  (
    select e.event_type
    from contact_events e
    where e.organization_id = %(organization_id)s and e.contact_id = %(contact_id)s
    order by e.event_type
    limit 1
  )
  union all
  select (
    select e.event_type
    from contact_events e
    where e.organization_id = %(organization_id)s and e.contact_id = %(contact_id)s and e.event_type > k.event_type
    order by e.event_type
    limit 1
  )
  from kinds k
  where k.event_type is not null
)
select l.id
from kinds k
cross join lateral (
  select e.id, e.occurred_at
  from contact_events e
  where e.organization_id = %(organization_id)s and e.contact_id = %(contact_id)s and e.event_type = k.event_type
    and (%(until)s::timestamptz is null or e.occurred_at <= %(until)s)
    and (%(until)s::timestamptz is null or e.occurred_at < %(until)s or e.id < %(below)s::bigint)
    and not (%(is_of_people)s and e.is_machine)
  order by e.occurred_at desc, e.id desc
  limit %(amount)s
) l
where k.event_type is not null and not k.event_type = any (%(without)s::text[])
  and (%(is_mail)s::boolean is null or starts_with(k.event_type, 'email_') = %(is_mail)s)
order by l.occurred_at desc, l.id desc
limit %(amount)s
