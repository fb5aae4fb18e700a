-- The valid records of a stretch of an import, as contacts' plan wants them. Tags and companies come by key and leave by
-- id; one that does not exist yet (it is made before the run) counts as 0 in predictions. The company of a line that is
-- one itself is that line.
-- Fragment: only        a further condition on the records.
-- Parameters: organization_id, import_job_id, after, last (row numbers), is_write.
select
  r.row_number,
  null::bigint as contact_id,
  r.match_key,
  case
    when r.cleaned ?| array['tags', 'company'] then r.cleaned - array['tags', 'company']
      || coalesce(
        (
          select jsonb_object_agg('tag:' || coalesce(g.id, 0), true)
          from jsonb_array_elements_text(r.cleaned -> 'tags') as t (name_key)
          left join contact_tags g
            on g.organization_id = %(organization_id)s and g.name_key = t.name_key
          where g.id is not null or not %(is_write)s
        ), '{}'
      )
      || coalesce(
        (
          select jsonb_build_object('related:company:' || coalesce(o.id, 0), true)
          from (select r.cleaned ->> 'company' as name_key) n
          left join lateral (
            select c.id
            from contacts c
            where c.organization_id = %(organization_id)s and c.kind = 'company' and c.name_key = n.name_key
              and c.deleted_at is null
            order by c.id
            limit 1
          ) o on true
          where n.name_key is not null and r.cleaned ->> 'kind' is distinct from 'company' and (o.id is not null or not %(is_write)s)
        ), '{}'
      )
    else r.cleaned
  end as patch
from import_records r
where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
  and r.row_number > %(after)s and r.row_number <= %(last)s and r.is_valid {only}
