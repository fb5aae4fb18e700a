"""How long answers to POSTs with an Idempotency-Key are kept."""

from datetime import timedelta

from django.utils import timezone

from organizations.models import KeptAnswer

KEPT = timedelta(days=1)


def kept_answers_purge() -> int:
    """Remove what is older than a day, of every organization. Returns how many."""
    return KeptAnswer.unscoped.filter(created_at__lte=timezone.now() - KEPT).delete()[0]
