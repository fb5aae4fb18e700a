-- Make the members of a segment those that are wanted: one difference, written with its log.
--
-- Fragments: wanted  a query of contact ids, with parameters by place, ahead of all others.
--            about   narrows both sides to the contacts in question, `m` being a membership; or nothing.
-- Parameters: organization_id, segment_id, now, reason, is_heard (whether somebody subscribes to who joins and leaves).
-- Run it under the organization's lock of changes. Returns (contact_id, joins) of who joined and left; nothing is
-- written where nothing differs. Why SQL: one statement whatever the size.
with diff as materialized (
  select coalesce(w.id, m.contact_id) as contact_id, m.contact_id is null as joins
  from ({wanted}) as w (id)
  full join (
    select m.contact_id
    from contact_segment_memberships m
    where m.organization_id = %(organization_id)s and m.segment_id = %(segment_id)s {about}
  ) m on m.contact_id = w.id
  where w.id is null or m.contact_id is null
),
gone as (
  delete from contact_segment_memberships m
  using diff d
  where m.organization_id = %(organization_id)s and m.segment_id = %(segment_id)s
    and m.contact_id = d.contact_id and not d.joins
),
come as (
  insert into contact_segment_memberships (organization_id, segment_id, contact_id, added_at, computed_at)
  select %(organization_id)s, %(segment_id)s, d.contact_id, %(now)s, %(now)s
  from diff d
  where d.joins
  order by d.contact_id
),
logged as (
  insert into contact_segment_membership_log (organization_id, segment_id, contact_id, action, reason, at)
  select
    %(organization_id)s, %(segment_id)s, d.contact_id, case when d.joins then 'joined' else 'left' end,
    -- Whoever is no longer among the living left for that. (A join would look up those who joined as well.)
    case
      when d.joins then %(reason)s
      else coalesce((
        select case when c.merged_into_id is not null then 'merge' when c.deleted_at is not null then 'deleted' end
        from contacts c
        where c.organization_id = %(organization_id)s and c.id = d.contact_id
      ), %(reason)s)
    end, %(now)s
  from diff d
  order by d.contact_id
),
announced as (
  insert into contact_changes (organization_id, contact_id, kind, reference)
  select %(organization_id)s, d.contact_id, case when d.joins then 'joined' else 'left' end, %(segment_id)s
  from diff d
  where %(is_heard)s
  order by d.contact_id
)
