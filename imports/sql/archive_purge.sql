-- Delete the next records of an import from the archive.
-- Parameters: organization_id, import_job_id, size. Why SQL: one range of the primary key.
delete from import_records_archive a
where a.organization_id = %(organization_id)s and a.import_job_id = %(import_job_id)s
  and a.row_number < %(size)s + (
    select min(f.row_number) from import_records_archive f
    where f.organization_id = %(organization_id)s and f.import_job_id = %(import_job_id)s
  )
