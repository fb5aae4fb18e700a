import hashlib

from django.db import models
from django.db.models import Q

from organizations.models import TenantModel, tenant_key


def address_hash(key: str) -> str:
    """How a folded address (`contacts.email_key`) is kept: SHA-256 in hexadecimal, as the SQL has it."""
    return hashlib.sha256(key.encode()).hexdigest()


class SuppressionReason(models.TextChoices):
    BOUNCED = "bounced", "Bounced"
    COMPLAINED = "complained", "Complained"
    ERASED = "erased", "Erased"


# Erasures suppress by themselves.
GIVEN_REASONS = [each for each in SuppressionReason.choices if each[0] != SuppressionReason.ERASED]


class Suppression(TenantModel):
    """An address that gets no mail, whoever has it: only its hash is kept, so that it outlives an erasure.

    Written by `contacts.services.suppressions`, and by contacts' write statement (key `suppression:<hash>`).
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
