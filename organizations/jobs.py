"""Jobs about accounts, and what the schedule does about organizations as such."""

import django_rq

from organizations.scope import organization_scope
from organizations.services.kept_answers import kept_answers_purge
from organizations.services.kept_notices import notices_purge
from organizations.services.notices import notice_mail, notices_sweep
from organizations.services.passwords import password_reset_mail


def enqueue_password_reset(*, email: str, host: str, is_secure: bool) -> None:
    django_rq.get_queue("default").enqueue(
        "organizations.jobs.send_password_reset",
        email=email,
        host=host,
        is_secure=is_secure,
        # Logs and dashboards show this, and not whose address it is.
        description="send_password_reset",
        result_ttl=0,
        failure_ttl=3600,
    )


def send_password_reset(*, email: str, host: str, is_secure: bool) -> None:
    """Mail a link to whoever has this address, if anybody."""
    password_reset_mail(email=email, host=host, is_secure=is_secure)


def send_notice(*, organization_id: int, notice_id: int) -> None:
    """Mail a member what came to its end."""
    with organization_scope(organization_id):
        notice_mail(notice_id=notice_id)


# What the schedule runs: name, seconds between runs, what.
PERIODIC = [
    ("purge kept answers", 3600, kept_answers_purge),
    ("sweep notices", 60, notices_sweep),
    ("purge notices", 3600, notices_purge),
]
