-- Every contact that has a tag, without it.
-- Parameters: organization_id, tag_id.
select
  row_number() over (order by a.contact_id) as row_number,
  a.contact_id,
  null::text as match_key,
  jsonb_build_object('tag:' || %(tag_id)s::bigint, null) as patch
from contact_tag_assignments a
where a.organization_id = %(organization_id)s and a.tag_id = %(tag_id)s
