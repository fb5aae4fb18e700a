from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


def text_index(number):
    """An index that also finds how texts begin, whatever the database's collation."""
    return models.Index(
        condition=models.Q((f"text_{number}__isnull", False)),
        fields=["organization", f"text_{number}"],
        name=f"contact_text_{number}_idx",
        opclasses=["int8_ops", "text_pattern_ops"],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("contacts", "0007_custom_field_slots"),
    ]

    operations = [
        operation
        for number in range(1, 5)
        for operation in (
            RemoveIndexConcurrently(model_name="contact", name=f"contact_text_{number}_idx"),
            AddIndexConcurrently(model_name="contact", index=text_index(number)),
        )
    ]
