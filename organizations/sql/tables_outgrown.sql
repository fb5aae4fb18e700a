-- Which of some tables have outgrown what PostgreSQL knows about them: they have a fifth more pages than when they were
-- looked at last, or as many rows of them were written since. Parameters: tables, their names; counter_rests, for how long
-- after a look the counter of writes does not count.
-- Why SQL: sizes of files and counters of writes are PostgreSQL's own.
select c.relname
from pg_class c
left join pg_stat_user_tables s on s.relid = c.oid
where c.oid = any(%(tables)s::regclass[])
  and (
    pg_relation_size(c.oid) / current_setting('block_size')::int > 1.2 * c.relpages + 16
    or (
      s.n_mod_since_analyze > 0.2 * greatest(c.reltuples, 0) + 1000
      and greatest(s.last_analyze, s.last_autoanalyze, '-infinity') < clock_timestamp() - %(counter_rests)s::interval
    )
  )
