-- Leave out valid lines that have a key of an earlier line: the same contact's as duplicates, another contact's as failed.
-- A line counts against later ones only if it is imported itself. So only lines are left out here whose key is that of a
-- line that is first in all of its keys; those that wait for others to be left out are the next round's. Lines that fail
-- by themselves, or that the mode leaves out, were found before, and keep nobody out.
-- Fragments: whose      a query k of the key of record r, where keys of one contact are told as one.
--            more       further queries like the first of keys, by rank: 2 the key that is not matched by, 3 addresses.
-- Parameters: organization_id, import_job_id, match, other_key, is_last (nobody waits any longer: who would is left out).
-- Returns how many lines wait. Why SQL: one sort over the keys of the whole file.
with keys as (
  select r.row_number, r.line_number, 1 as rank, k.key
  from import_records r
  {whose}
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s and r.is_valid
    and r.predicted <> 'skipped'
  {more}
),
repeating as materialized (
  select n.row_number, n.rank, n.key, n.holder, n.first_line
  from (
    select
      k.row_number,
      k.rank,
      k.key,
      first_value(k.row_number) over by_key as holder,
      first_value(k.line_number) over by_key as first_line
    from keys k
    window by_key as (partition by k.rank, k.key order by k.row_number)
  ) n
  where n.holder <> n.row_number
),
repeated as materialized (
  select distinct on (p.row_number)
    p.row_number,
    p.first_line,
    case when p.rank = 1 then 'The same contact'
      when p.rank = 3 then p.key
      when %(other_key)s = 'external_id' then 'The external ID'
      else 'The e-mail address'
    end as what,
    case when p.rank = 1 or p.rank = 3 and %(match)s = 'email' then 'duplicate' else 'failed' end as outcome,
    p.rank
  from repeating p
  where %(is_last)s or not exists (select from repeating h where h.row_number = p.holder)
  order by p.row_number, p.rank, p.first_line
),
left_out as (
  update import_records r
  set
    is_valid = false,
    predicted = d.outcome,
    outcome = d.outcome,
    contact_id = null,
    errors = jsonb_build_array(
      jsonb_build_object(
        'column', case when d.outcome = 'duplicate' then ''
          when d.rank = 2 and %(other_key)s = 'external_id' then 'external_id'
          else 'email'
        end,
        'code', case when d.outcome = 'duplicate' then 'duplicate' else 'repeated' end,
        'message', d.what || ' is on line ' || d.first_line
        || case when d.rank = 1 then '' else ' too' end
        || case when d.outcome = 'duplicate' then ', which is the one that is imported.' else ', for another contact.' end
      )
    )
  from repeated d
  where r.organization_id = %(organization_id)s and r.import_job_id = %(import_job_id)s
    and r.row_number = d.row_number
  returning r.row_number
)
select (select count(distinct p.row_number) from repeating p) - (select count(*) from left_out)
