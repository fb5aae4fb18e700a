-- The valid records of a stretch of an import, as contacts' plan wants them. Tags come by key and leave by id; a tag
-- that does not exist yet (it is made before the run) counts as 0 in predictions.
-- Fragment: only        a further condition on the records.
-- Parameters: organization_id, import_job_id, after, last (row numbers), is_write.
select
  r.row_number,
  null::bigint as contact_id,
  r.match_key,
  case
    when r.cleaned ? 'tags' then (r.cleaned - 'tags') || coalesce(
      (
        select jsonb_object_agg('tag:' || coalesce(g.id, 0), true)
        from jsonb_array_elements_text(r.cleaned -> 'tags') as t (name_key)
        left join contact_tags g
          on g.organization_id = %(organization_id)s and g.name_key = t.name_key
        where g.id is not null or not %(is_write)s
      ), '{}'
    )
    else r.cleaned
  end as patch
from import_records r
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and r.row_number > %(after)s and r.row_number <= %(last)s and r.is_valid {only}
