select d.contact_id, d.joins from diff d
