-- List whom an operation is about, in batches in order of id. Fragment: who, a query of contact ids, with parameters by
-- place, ahead of all others. Parameters: size (contacts in a batch), organization_id, operation_id. Returns how many.
-- Why SQL: one statement whatever the number.
with who (id) as ({who}),
numbered as (
  select w.id, (row_number() over (order by w.id) - 1) / %(size)s + 1 as number
  from who w
),
listed as (
  insert into contact_operation_batches (organization_id, operation_id, number, contact_ids)
  select %(organization_id)s, %(operation_id)s, n.number, array_agg(n.id order by n.id)
  from numbered n
  group by n.number
  returning contact_ids
)
select coalesce(sum(cardinality(l.contact_ids)), 0)::bigint from listed l
