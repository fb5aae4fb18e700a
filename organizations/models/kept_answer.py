from django.db import models
from django.db.models import DB_CASCADE

from organizations.fields import TenantForeignKey
from organizations.models.api_key import ApiKey
from organizations.models.tenant import TenantModel


class KeptAnswer(TenantModel):
    """What a POST with an `Idempotency-Key` was answered; written in the transaction of its effect."""

    api_key = TenantForeignKey(ApiKey, DB_CASCADE, related_name="+")
    # Hashes: of the address with the Idempotency-Key, and of the body.
    place = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        db_table = "api_kept_answers"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "api_key", "place"], name="kept_answer_place_key"
            ),
        ]
        indexes = [
            # The schedule removes those that are older than a day.
            models.Index(fields=["created_at"], name="kept_answer_created_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.status} of {self.created_at}"
