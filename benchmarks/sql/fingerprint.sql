-- What an import left behind, apart from ids and times: a count and a sum of hashes a table.
select 'contacts', count(*), sum(hashtextextended(concat_ws('|', kind, email, email_key, phone, first_name, last_name,
  city, country, custom_fields, is_active, is_subscribed, name_key, search_vector), 0)::numeric)
from contacts
union all
select 'assignments', count(*), sum(hashtextextended(concat_ws('|', c.email, t.name), 0)::numeric)
from contact_tag_assignments a join contacts c on c.id = a.contact_id join contact_tags t on t.id = a.tag_id
union all
select 'history', count(*), sum(hashtextextended(concat_ws('|', c.email, h.change_type, h.old_value, h.new_value),
  0)::numeric)
from contact_history h join contacts c on c.id = h.contact_id
union all
select 'changes', count(*), sum(hashtextextended(concat_ws('|', c.email, h.kind, t.name), 0)::numeric)
from contact_changes h join contacts c on c.id = h.contact_id left join contact_tags t on t.id = h.reference
union all
select 'records', count(*), sum(hashtextextended(concat_ws('|', r.row_number, r.line_number, r.raw, r.cleaned,
  r.match_key, r.is_valid, r.predicted, r.outcome, c.email), 0)::numeric)
from import_records r join contacts c on c.id = r.contact_id
union all
select 'custom fields', count(*), sum(hashtextextended(concat_ws('|', key, label, type), 0)::numeric)
from contact_custom_field_definitions
order by 1
