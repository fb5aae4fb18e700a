from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DB_CASCADE

from contacts.models.operation import ContactOperation
from organizations.fields import OrganizationField, TenantForeignKey
from organizations.models import TenantModel


class OperationBatch(TenantModel):
    """Some of the contacts that an operation in batches is about: who was selected when it began.

    The ids have no key to contacts: who is gone by the time of their batch is skipped. The transaction that deals with a
    batch removes it; when the operation is given up, all that is left of them goes.
    """

    pk = models.CompositePrimaryKey("organization_id", "operation_id", "number")
    # The operation's key leads to the organization, so this column needs no constraint of its own.
    organization = OrganizationField(db_constraint=False)
    operation = TenantForeignKey(ContactOperation, DB_CASCADE, related_name="batches")
    # From 1 on.
    number = models.IntegerField()
    contact_ids = ArrayField(models.BigIntegerField())

    class Meta(TenantModel.Meta):
        db_table = "contact_operation_batches"

    def __str__(self) -> str:
        return f"batch {self.number} of operation {self.operation_id}"
