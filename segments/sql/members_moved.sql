-- Write who joins and leaves some segments, and how many are in then.
--
-- Fragments: write   `members_write`, with its parameters.
-- Parameters: segments, contacts, joins, reasons: an entry in each for everybody who joins or leaves. Run it under the
-- organization's lock of changes. Why SQL: one statement whatever the number of segments and contacts.
with diff as materialized (
  select * from unnest(%(segments)s::bigint[], %(contacts)s::bigint[], %(joins)s::boolean[], %(reasons)s::text[])
    as d (segment_id, contact_id, joins, reason)
),
{write},
counted as (
  select d.segment_id, sum(case when d.joins then 1 else -1 end) as grown from diff d group by d.segment_id
)
update segments s
-- Caches are named after the version, and forgotten with it.
set member_count = s.member_count + c.grown, members_version = s.members_version + 1
from counted c
where s.organization_id = %(organization_id)s and s.id = c.segment_id
