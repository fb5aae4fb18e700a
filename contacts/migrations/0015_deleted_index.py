from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("contacts", "0014_arrival_indexes")]

    operations = [
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["organization", "id"],
                name="contact_deleted_idx",
            ),
        ),
    ]
