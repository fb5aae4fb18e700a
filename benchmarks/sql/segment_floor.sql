-- The floor: what somebody would write by hand to compute one segment. Fragment: wanted, a query of the ids that are to
-- be in it. Parameters: organization_id, segment_id, now, first and third: the segments that the
-- fifth rule looks at.
with wanted as materialized (
  {wanted}
),
gone as (
  delete from contact_segment_memberships m
  where m.organization_id = %(organization_id)s and m.segment_id = %(segment_id)s
    and not exists (select from wanted w where w.id = m.contact_id)
  returning contact_id
),
come as (
  insert into contact_segment_memberships (organization_id, segment_id, contact_id, added_at, computed_at)
  select %(organization_id)s, %(segment_id)s, w.id, %(now)s, %(now)s
  from wanted w
  where not exists (
    select from contact_segment_memberships m
    where m.organization_id = %(organization_id)s and m.segment_id = %(segment_id)s and m.contact_id = w.id
  )
  returning contact_id
)
insert into contact_segment_membership_log (organization_id, segment_id, contact_id, action, reason, at)
select %(organization_id)s, %(segment_id)s, contact_id, 'joined', 'rules', %(now)s from come
union all
select %(organization_id)s, %(segment_id)s, contact_id, 'left', 'rules', %(now)s from gone
