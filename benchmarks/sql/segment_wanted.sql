-- The five typical rules (benchmarks/segment_rules.py) by hand, separated by lines of dashes.
select c.id
from contacts c
where c.organization_id = %(organization_id)s and c.deleted_at is null
  and lower(c.city) = 'oslo' and c.number_1 > 30
----
select c.id
from contacts c
where c.organization_id = %(organization_id)s and c.deleted_at is null
  and exists (
    select
    from contact_tag_assignments a
    join contact_tags t on t.organization_id = a.organization_id and t.id = a.tag_id
    where a.organization_id = %(organization_id)s and a.contact_id = c.id and t.name_key = 'tag 3'
  )
  and exists (
    select
    from contact_events e
    where e.organization_id = %(organization_id)s and e.contact_id = c.id and e.event_type = 'email_opened'
      and e.occurred_at > %(now)s - interval '30 days' and not e.is_machine
  )
----
select c.id
from contacts c
join (
  select e.contact_id
  from contact_events e
  where e.organization_id = %(organization_id)s and e.event_type = 'email_clicked' and not e.is_machine
  group by e.contact_id
  having count(*) >= 3
) e on e.contact_id = c.id
where c.organization_id = %(organization_id)s and c.deleted_at is null
----
select c.id
from contacts c
where c.organization_id = %(organization_id)s and c.deleted_at is null
  and (lower(c.city) in ('oslo', 'bergen') or lower(c.custom_fields ->> 'plan') = 'business')
  and (
    not exists (
      select
      from contact_tag_assignments a
      join contact_tags t on t.organization_id = a.organization_id and t.id = a.tag_id
      where a.organization_id = %(organization_id)s and a.contact_id = c.id and t.name_key in ('tag 5', 'tag 6')
    )
    or exists (
      select
      from contact_events e
      where e.organization_id = %(organization_id)s and e.contact_id = c.id and e.event_type = 'page_visited'
        and e.occurred_at > %(now)s - interval '90 days' and not e.is_machine
    )
  )
----
select c.id
from contacts c
where c.organization_id = %(organization_id)s and c.deleted_at is null and c.is_subscribed
  and exists (
    select
    from contact_segment_memberships m
    where m.organization_id = %(organization_id)s and m.segment_id = %(first)s and m.contact_id = c.id
  )
  and not exists (
    select
    from contact_segment_memberships m
    where m.organization_id = %(organization_id)s and m.segment_id = %(third)s and m.contact_id = c.id
  )
