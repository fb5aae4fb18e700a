-- Move the next records of an import to the archive: at any moment each is in exactly one of the two tables.
-- Fragment: columns     those of both tables, but archived_at.
-- Parameters: organization_id, import_job_id, size. Why SQL: a row moves without leaving the database.
with moved as (
  delete from import_records r
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number < %(size)s + (
      select min(f.row_number) from import_records f
      where f.organization_id = %(organization_id)s and f.import_job_id = %(import_job_id)s
    )
  returning r.*
)
insert into import_records_archive ({columns}, archived_at)
select {columns}, now() from moved
