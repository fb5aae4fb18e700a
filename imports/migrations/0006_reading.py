from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0005_records_archive'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='importjob',
            name='import_status_valid',
        ),
        migrations.AlterField(
            model_name='importjob',
            name='status',
            field=models.CharField(choices=[('reading', 'Being read'), ('draft', 'Draft'), ('validating', 'Checking'), ('validated', 'Checked'), ('running', 'Running'), ('paused', 'Paused'), ('completed', 'Completed'), ('partially_completed', 'Partially completed'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='draft', max_length=24),
        ),
        migrations.AddConstraint(
            model_name='importjob',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['reading', 'draft', 'validating', 'validated', 'running', 'paused', 'completed', 'partially_completed', 'failed', 'cancelled', 'undoing', 'undone'])), name='import_status_valid'),
        ),
    ]
