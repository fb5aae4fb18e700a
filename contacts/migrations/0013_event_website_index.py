from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0012_merged_index")]

    operations = [
        AddIndexConcurrently(
            model_name="contactevent",
            index=models.Index(
                condition=models.Q(("website__isnull", False)),
                fields=["organization", "website"],
                name="event_website_idx",
            ),
        ),
    ]
