"""Telling members that what they waited for has come to its end: in the product, and by mail."""

from datetime import datetime, timedelta
from functools import partial

import django_rq
import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import get_script_prefix, reverse
from django.utils import timezone

from organizations.models import Notice, Organization, OrganizationMembership, User
from organizations.models.notice import Tone
from organizations.redis import redis_connection
from organizations.scope import current_organization_id

# What a crash between the commit and the queue has left is sent after this.
LATE = timedelta(minutes=2)
# Mail that could not be sent for so long is no news any more.
STALE = timedelta(days=1)
SWEPT = 5_000
log = structlog.get_logger(__name__)


def notice_give(
    *,
    user: User | None,
    title: str,
    link: str,
    text: str = "",
    tone: str = Tone.GOOD,
) -> Notice | None:
    """Tell a member of the organization in scope; nobody where there is none (a program, a user who is gone).

    The mail is queued when the transaction commits, unless the user wants none; the schedule queues what a crash lost.
    """
    if user is None:
        return None
    notice = Notice.objects.create(
        user=user,
        # (A name of a file may have line breaks, which the subject of a mail can't.)
        title=" ".join(title.split())[:300],
        text=text,
        link=link,
        tone=tone,
        mailed_at=None if user.wants_mail else timezone.now(),
    )
    if user.wants_mail:
        # When Redis does not answer, nothing is lost: the schedule queues it.
        transaction.on_commit(partial(notice_enqueue, notice), robust=True)
    return notice


def notice_link(view: str, pk: int) -> str:
    """The address of a page of one thing, below that of its organization, from wherever it is asked for."""
    link = reverse(view, args=[pk], urlconf=settings.ORGANIZATION_URLCONF)
    # What is small is done inside of a request, below the organization's own address.
    return "/" + link.removeprefix(get_script_prefix())


def notice_enqueue(notice: Notice) -> None:
    """Queue the mail about a notice."""
    django_rq.get_queue("default").enqueue(
        "organizations.jobs.send_notice",
        organization_id=notice.organization_id,
        notice_id=notice.pk,
        result_ttl=0,
        failure_ttl=3600,
    )


def notice_mail(*, notice_id: int) -> None:
    """Send the mail about a notice of the organization in scope, once; a notice that was mailed sends none.

    Nor does one whose reader has left the organization, or wants no mail any more. Locks its row, so that two workers
    do not both send. Raises what the mail server's refusal raises.
    """
    with transaction.atomic():
        notice = Notice.objects.select_for_update().filter(pk=notice_id, mailed_at=None).first()
        if notice is None:
            return
        if _is_mail_wanted(notice.user):
            _send(notice)
        notice.mailed_at = timezone.now()
        notice.save(update_fields=["mailed_at"])


def _is_mail_wanted(user: User) -> bool:
    is_member = OrganizationMembership.objects.filter(user=user).exists()
    return user.is_active and user.wants_mail and is_member


def _send(notice: Notice) -> None:
    organization = Organization.objects.get(pk=current_organization_id())
    address = f"{settings.PUBLIC_URL}/o/{organization.slug}{notice.link}"
    body = "\n\n".join(part for part in (notice.text, address) if part)
    footer = f"Kith, {organization.name}. Mail like this is switched off on the page of notices."
    send_mail(notice.title, f"{body}\n\n-- \n{footer}\n", None, [notice.user.email])


def notices_sweep() -> int:
    """Queue the mail, in every organization, that should have been sent by now; what is stale is given up.

    What is late is queued again when it has waited twice as long: a mail server that is away, or workers that are,
    leave no queue of the same mail behind, and one address that is refused keeps nobody else waiting.
    """
    now = timezone.now()
    waiting = Notice.unscoped.filter(mailed_at=None)
    stale = waiting.filter(created_at__lt=now - STALE).update(mailed_at=now)
    if stale:
        log.warning("notices_not_mailed", count=stale)
    late = waiting.filter(created_at__lt=now - LATE).order_by("pk")[:SWEPT]
    due = [notice for notice in late if _is_due(notice, now)]
    for notice in due:
        notice_enqueue(notice)
    return len(due)


def _is_due(notice: Notice, now: datetime) -> bool:
    """Whether a late mail was not queued by an earlier sweep, or long enough ago."""
    age = int((now - notice.created_at).total_seconds())
    return bool(redis_connection().set(f"notice-queued:{notice.pk}", 1, nx=True, ex=age))


def notices_read(*, user: User, until: int | None = None, link: str | None = None) -> int:
    """Mark a member's notices as read, or only those up to an id, or that lead to `link`; returns how many were not."""
    unread = Notice.objects.filter(user=user, read_at=None)
    if until is not None:
        unread = unread.filter(pk__lte=until)
    if link is not None:
        unread = unread.filter(link=link)
    return unread.update(read_at=timezone.now())


def mail_wanted_set(*, user: User, is_wanted: bool) -> None:
    """Whether a user gets notices by mail too, in every organization."""
    user.wants_mail = is_wanted
    user.save(update_fields=["wants_mail"])
