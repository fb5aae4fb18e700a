from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0016_operation_batches")]

    operations = [
        AddIndexConcurrently(
            model_name="contactchange",
            index=models.Index(
                condition=models.Q(("kind", "pinned")),
                fields=["organization", "reference"],
                name="change_pinned_idx",
            ),
        ),
    ]
