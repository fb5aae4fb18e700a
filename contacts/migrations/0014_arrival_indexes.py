from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0013_event_website_index")]

    operations = [
        AddIndexConcurrently(
            model_name="contactevent",
            index=models.Index(fields=["organization", "id"], name="event_arrival_idx"),
        ),
        AddIndexConcurrently(
            model_name="contactactivity",
            index=models.Index(fields=["organization", "id"], name="activity_arrival_idx"),
        ),
    ]
