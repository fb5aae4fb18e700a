-- The tags of contacts, in one cell each, in the order of their names. Parameters: organization_id, ids.
-- Names hold no separator. As a JSON list where a quote or brackets would be taken for those of the list.
-- Grouped once for all of the contacts: looking the tags of each up by itself takes twice as long.
left join (
  select
    n.contact_id,
    case
      when array_to_string(n.names, '; ') ~ '"|^\[.*\]$' then to_jsonb(n.names)::text
      else array_to_string(n.names, '; ')
    end as names
  from (
    select a.contact_id, array_agg(t.name order by t.name_key) as names
    from contact_tag_assignments a
    join contact_tags t
      on t.organization_id = %(organization_id)s
      and t.id = a.tag_id
    where a.organization_id = %(organization_id)s
      and a.contact_id = any(%(ids)s)
    group by a.contact_id
  ) n
) tags on tags.contact_id = c.id
