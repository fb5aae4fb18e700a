-- What writes a difference of memberships: `diff` (segment_id, contact_id, joins, reason). Parameters: organization_id,
-- now, is_heard (whether somebody subscribes to who joins and leaves).
gone as (
  delete from contact_segment_memberships m
  using diff d
  where m.organization_id = %(organization_id)s and m.segment_id = d.segment_id
    and m.contact_id = d.contact_id and not d.joins
),
come as (
  insert into contact_segment_memberships (organization_id, segment_id, contact_id, added_at, computed_at)
  select %(organization_id)s, d.segment_id, d.contact_id, %(now)s, %(now)s
  from diff d
  where d.joins
  order by d.contact_id, d.segment_id
),
logged as (
  insert into contact_segment_membership_log (organization_id, segment_id, contact_id, action, reason, at)
  select
    %(organization_id)s, d.segment_id, d.contact_id, case when d.joins then 'joined' else 'left' end,
    -- Whoever is no longer among the living left for that. (A join would look up those who joined as well.)
    case
      when d.joins then d.reason
      else coalesce((
        select case when c.merged_into_id is not null then 'merge' else 'deleted' end
        from contacts c
        where c.organization_id = %(organization_id)s and c.id = d.contact_id and c.deleted_at is not null
      ), d.reason)
    end, %(now)s
  from diff d
  order by d.contact_id, d.segment_id
),
announced as (
  insert into contact_changes (organization_id, contact_id, kind, reference)
  select
    %(organization_id)s, d.contact_id, case when d.joins then 'joined' else 'left' end, d.segment_id
  from diff d
  where %(is_heard)s
  order by d.contact_id, d.segment_id
)
