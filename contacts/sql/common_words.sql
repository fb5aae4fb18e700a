-- Those of some words with which words of at least a share of all contacts begin, as the statistics of the search vector
-- tell; SQL, because statistics are no table. A contact that has two such words counts twice: that makes a word seem more
-- common than it is. Parameters: words (folded), share (from 0 to 1).
select w.word
from unnest(%(words)s::text[]) as w (word)
join (
  select m.lexeme, m.frequency
  from pg_stats s
  -- Behind the frequencies of the words stand the least and the greatest of them, which have no word.
  cross join lateral unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) as m (lexeme, frequency)
  where s.schemaname = current_schema()
    and s.tablename = 'contacts'
    and s.attname = 'search_vector'
    and m.lexeme is not null
) as known on starts_with(known.lexeme, w.word)
group by w.word
having sum(known.frequency) >= %(share)s
