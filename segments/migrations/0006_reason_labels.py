from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("segments", "0005_sizes_by_local_day"),
    ]

    operations = [
        migrations.AlterField(
            model_name="segmentmembershiplog",
            name="reason",
            field=models.CharField(choices=[("data", "Something about them changed"), ("rules", "New or changed rules"), ("time", "Time passed"), ("manual", "By hand"), ("merge", "Merged into another contact"), ("deleted", "Deleted")], max_length=8),
        ),
        migrations.AlterField(
            model_name="segmentrefresh",
            name="reason",
            field=models.CharField(choices=[("data", "Something about them changed"), ("rules", "New or changed rules"), ("time", "Time passed"), ("manual", "By hand"), ("merge", "Merged into another contact"), ("deleted", "Deleted")], max_length=8),
        ),
    ]
