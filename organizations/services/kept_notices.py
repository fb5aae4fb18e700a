"""How long notices are kept."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from organizations.models import Notice

BATCH = 5_000


def notices_purge(*, size: int = BATCH) -> int:
    """Remove what was read, or has waited to be, for longer than the settings say, of every organization.

    Each batch is one statement and its own transaction. Returns how many notices went.
    """
    return sum(_removed(old, size) for old in _old())


def _old() -> tuple[Q, Q]:
    now = timezone.now()
    read = now - timedelta(days=settings.NOTICE_READ_KEPT_DAYS)
    unread = now - timedelta(days=settings.NOTICE_UNREAD_KEPT_DAYS)
    return Q(read_at__lte=read), Q(read_at=None, created_at__lte=unread)


def _removed(old: Q, size: int) -> int:
    removed, is_full = 0, True
    while is_full:
        batch = Notice.unscoped.filter(old).values("pk")[:size]
        count = Notice.unscoped.filter(pk__in=batch).delete()[0]
        removed, is_full = removed + count, count == size
    return removed
