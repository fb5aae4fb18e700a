-- Make the members of a segment those that are wanted: one difference, written with its log.
--
-- Fragments: wanted  a query of contact ids, with parameters by place, ahead of all others.
--            write   `members_write`, with its parameters.
-- Parameters: segment_id, reason, is_pinned (whether somebody is pinned to it). Run it under the organization's lock
-- of changes. Returns how many joined and left; nothing is written where nothing differs. Why SQL: one statement whatever the size.
with wanted (id) as ({wanted}),
diff as materialized (
  select
    %(segment_id)s::bigint as segment_id, coalesce(w.id, m.contact_id) as contact_id,
    m.contact_id is null as joins,
    -- Whoever is pinned moved by hand. (A join would look up everybody.)
    case
      when %(is_pinned)s then coalesce((
        select 'manual'
        from contact_segment_pins p
        where p.organization_id = %(organization_id)s and p.segment_id = %(segment_id)s
          and p.contact_id = coalesce(w.id, m.contact_id)
      ), %(reason)s)
      else %(reason)s
    end as reason
  from wanted w
  full join (
    select m.contact_id
    from contact_segment_memberships m
    where m.organization_id = %(organization_id)s and m.segment_id = %(segment_id)s
  ) m on m.contact_id = w.id
  where w.id is null or m.contact_id is null
),
{write}
select count(*) filter (where d.joins), count(*) filter (where not d.joins) from diff d
