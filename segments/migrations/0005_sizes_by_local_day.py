from django.db import migrations

# Who joined and left each segment, and how many were in, by day as the organization keeps it. It is refreshed beside its
# readers, which takes the unique index.
BY_LOCAL_DAY = """
drop materialized view contact_segment_sizes;
create materialized view contact_segment_sizes as
select
  d.organization_id, d.segment_id, d.day, d.joined_count, d.left_count,
  sum(d.joined_count - d.left_count)
    over (partition by d.organization_id, d.segment_id order by d.day)::bigint as size
from (
  select
    l.organization_id, l.segment_id, (l.at at time zone {timezone})::date as day,
    count(*) filter (where l.action = 'joined') as joined_count,
    count(*) filter (where l.action = 'left') as left_count
  from contact_segment_membership_log l
  join organizations o on o.id = l.organization_id
  group by 1, 2, 3
) d;
create unique index contact_segment_sizes_key on contact_segment_sizes (organization_id, segment_id, day)
"""


class Migration(migrations.Migration):
    dependencies = [("segments", "0004_members_version"), ("organizations", "0005_view_refreshes")]

    operations = [
        migrations.RunSQL(
            BY_LOCAL_DAY.format(timezone="o.timezone"), BY_LOCAL_DAY.format(timezone="'UTC'")
        )
    ]
