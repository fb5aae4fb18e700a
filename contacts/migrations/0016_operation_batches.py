import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import organizations.fields


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0015_deleted_index"),
        ("organizations", "0007_engagement"),
    ]

    operations = [
        migrations.CreateModel(
            name="OperationBatch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "operation_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="+",
                        to="organizations.organization",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="batches",
                        to="contacts.contactoperation",
                    ),
                ),
                ("number", models.IntegerField()),
                (
                    "contact_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField()),
                ),
            ],
            options={
                "db_table": "contact_operation_batches",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="operationbatch",
            constraint=organizations.fields.TenantForeignKeyConstraint(
                field="operation",
                name="contact_operation_batches_operation_fk",
                on_delete="CASCADE",
                to="contacts.contactoperation",
            ),
        ),
    ]
