from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False
    dependencies = [
        ('imports', '0006_reading'),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name='importjob',
            name='import_lease_idx',
        ),
        AddIndexConcurrently(
            model_name='importjob',
            index=models.Index(condition=models.Q(('status__in', ['reading', 'validating', 'running'])), fields=['lease_expires_at'], name='import_lease_idx'),
        ),
    ]
