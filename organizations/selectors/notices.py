from django.db.models import QuerySet

from organizations.models import Notice, User

SHOWN = 9


def notices_of(*, user: User) -> QuerySet[Notice]:
    """A member's notices in the organization in scope."""
    return Notice.objects.filter(user=user)


def unread_count(*, user: User) -> str:
    """How many notices a member has not read, as a badge says it; blank for none. One query."""
    count = notices_of(user=user).filter(read_at=None)[: SHOWN + 1].count()
    return f"{SHOWN}+" if count > SHOWN else str(count or "")
