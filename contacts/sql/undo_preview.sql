-- What an undo would do, by bucket, without doing it: behind contacts' plan. Who was erased (`skipped`) is blocked.
-- With each bucket come how many of them nothing at all would go back of, its first contacts, and why they are in it. Parameters: those of plan.sql, and examples (how many).
select
  r.bucket,
  count(*),
  count(*) filter (where r.bucket = 'kept' and r.is_untouched),
  jsonb_agg(
    jsonb_build_object(
      'contact', r.contact_id, 'old', r.old, 'new', r.new, 'error', r.error, 'kept', r.kept_keys, 'is_whole', r.is_whole
    )
    order by r.contact_id
  ) filter (where r.place <= %(examples)s)
from (
  select b.bucket, i.contact_id, p.old, p.new, p.error, i.kept_keys, i.is_whole, i.patch = '{}' as is_untouched,
    row_number() over (partition by b.bucket order by i.contact_id) as place
  from plan p
  join incoming i on i.row_number = p.row_number
  cross join lateral (
    select case
      when p.outcome in ('failed', 'skipped') then 'blocked' when i.is_kept then 'kept' else 'reverted'
    end as bucket
  ) b
) r
group by 1
