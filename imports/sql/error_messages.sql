-- The errors of a planned row, as records keep them. (A fragment over plan p.)
case when p.error is not null then
  jsonb_build_array(
    p.error || jsonb_build_object(
      'column',
      case
        when p.error ->> 'code' like 'email%%' then 'email'
        when p.error ->> 'code' = 'required' then p.error -> 'keys' ->> 0
        when p.error ? 'kind' then p.error ->> 'kind'
        else 'external_id'
      end,
      'message',
      case p.error ->> 'code'
        when 'email_taken' then 'The e-mail address belongs to another contact'
        when 'external_id_taken' then 'The external ID belongs to another contact'
        when 'required' then 'A new contact needs a value for '
          || (select string_agg(substr(r.key, 8), ', ') from jsonb_array_elements_text(p.error -> 'keys') as r (key))
        when 'identifier_taken' then (p.error ->> 'value') || ' belongs to another contact'
        when 'identifier_repeated' then (p.error ->> 'value') || ' is on an earlier line'
        when 'email_repeated' then 'The e-mail address is on an earlier line'
        else 'The external ID is on an earlier line'
      end
      || coalesce(
        (
          select ': ' || coalesce(nullif(concat_ws(' ', o.first_name, o.last_name), ''), o.email, '')
            || ' (contact ' || o.id || ')'
          from contacts o
          where o.organization_id = %(organization_id)s and o.id = (p.error ->> 'contact')::bigint
        ), ''
      ) || '.'
    )
  )
end
