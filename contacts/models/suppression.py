from django.db import models
from django.db.models import Q

from organizations.models import TenantModel, tenant_key


class SuppressionReason(models.TextChoices):
    BOUNCED = "bounced", "Bounced"
    COMPLAINED = "complained", "Complained"
    ERASED = "erased", "Erased"


class Suppression(TenantModel):
    """An address that gets no mail, whoever has it: only its hash is kept, so that it outlives an erasure.

    The hash is SHA-256 of the folded address (`contacts.email_key`), in hexadecimal.
    """

    address_hash = models.CharField(max_length=64)
    reason = models.CharField(max_length=16, choices=SuppressionReason)
    since = models.DateTimeField()
    # Where it came from: a mail provider's message, a person's note.
    source = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta(TenantModel.Meta):
        db_table = "suppressions"
        constraints = [
            tenant_key("suppression"),
            # May this address get mail?
            models.UniqueConstraint(
                fields=["organization", "address_hash"], name="suppression_address_key"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=SuppressionReason.values), name="suppression_reason_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} {self.address_hash[:8]}"
