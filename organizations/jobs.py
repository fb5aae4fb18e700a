"""Jobs about accounts."""

import django_rq

from organizations.services.passwords import password_reset_mail


def enqueue_password_reset(*, email: str, host: str, is_secure: bool) -> None:
    django_rq.get_queue("default").enqueue(
        "organizations.jobs.send_password_reset",
        email=email,
        host=host,
        is_secure=is_secure,
        result_ttl=0,
        failure_ttl=3600,
    )


def send_password_reset(*, email: str, host: str, is_secure: bool) -> None:
    """Mail a link to whoever has this address, if anybody."""
    password_reset_mail(email=email, host=host, is_secure=is_secure)
