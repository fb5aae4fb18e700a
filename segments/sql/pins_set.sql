-- Pin contacts to a segment, or away from it. Fragment: who, a query of contact ids, with parameters by place, ahead of
-- all others. Parameters: organization_id, segment_id, is_in, now, user_id. Returns the contacts for whom that is new.
-- Why SQL: one statement whatever the number.
with who (id) as ({who})
insert into contact_segment_pins (contact_id, organization_id, segment_id, is_in, pinned_at, pinned_by_id)
select w.id, %(organization_id)s, %(segment_id)s, %(is_in)s, %(now)s, %(user_id)s
from who w
order by w.id
on conflict (organization_id, segment_id, contact_id) do update set
  is_in = excluded.is_in, pinned_at = excluded.pinned_at, pinned_by_id = excluded.pinned_by_id
where contact_segment_pins.is_in <> excluded.is_in
returning contact_id
