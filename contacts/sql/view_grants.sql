-- Who else but its owner may do what with a view, for when it is made anew.
--
-- SQL, because it reads the catalogue. Parameter: name. A null role is everybody.
select r.rolname, a.privilege_type, a.is_grantable
from pg_class c
cross join lateral aclexplode(c.relacl) a
left join pg_roles r on r.oid = a.grantee
where c.oid = to_regclass(%(name)s) and a.grantee <> c.relowner
