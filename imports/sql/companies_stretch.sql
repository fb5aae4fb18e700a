-- Where the next lines of an import that are companies themselves end: the row number of the last of them, null for none.
-- Fragment: only        the condition on records r that says which these are.
-- Parameters: organization_id, import_job_id, after (a row number), size. Why SQL: stops at the last of them.
select max(n.row_number)
from (
  select r.row_number
  from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number > %(after)s and r.is_valid {only}
  order by r.row_number
  limit %(size)s
) n
