from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("segments", "0002_sizes")]

    operations = [
        AddIndexConcurrently(
            model_name="segmentmembership",
            index=models.Index(
                fields=["organization", "segment", "added_at", "contact"],
                name="membership_added_idx",
            ),
        ),
    ]
