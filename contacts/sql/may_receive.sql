-- Which contacts may get which kinds of mail: alive, active, address not suppressed; and, unless the mail is
-- transactional, subscribed, not paused, and not against this kind.
-- Parameters: organization_id, now. Whoever reads it says which contact or kind they mean.
select c.id as contact_id, t.key as preference_type
from contacts c
join contact_preference_types t on t.organization_id = %(organization_id)s
left join contact_email_preferences e
  on e.organization_id = %(organization_id)s and e.contact_id = c.id and e.preference_type = t.key
where c.organization_id = %(organization_id)s
  and c.deleted_at is null
  and c.is_active
  and c.email_key is not null
  and not exists (
    select
    from suppressions s
    where s.organization_id = %(organization_id)s
      and s.address_hash = encode(sha256(convert_to(c.email_key, 'UTF8')), 'hex')
  )
  and (
    t.is_transactional
    or c.is_subscribed
    and (c.paused_until is null or c.paused_until <= %(now)s)
    and coalesce(e.is_enabled, t.is_enabled_by_default)
  )
