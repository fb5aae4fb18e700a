
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("segments", "0003_membership_added"),
    ]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="members_version",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
