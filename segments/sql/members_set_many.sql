select count(*) filter (where d.joins), count(*) filter (where not d.joins) from diff d
