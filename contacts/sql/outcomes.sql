-- What happened to each row of a batch, in the order of the rows.
select p.row_number, p.contact_id, p.outcome, p.error, p.old, p.new
from plan p
order by p.row_number
