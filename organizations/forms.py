"""Forms of people who are not logged in: each attempt is counted, and too many are refused."""

from typing import Any

import structlog
from django.contrib.auth import forms as auth
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from redis import RedisError

from organizations.jobs import enqueue_password_reset
from organizations.network import network_of
from organizations.services.attempts import (
    LOGIN_BY_EMAIL,
    LOGIN_BY_NETWORK,
    RESET_BY_EMAIL,
    RESET_BY_NETWORK,
    Limit,
    TooManyAttempts,
    attempt_give_back,
    attempt_take,
    attempts_forget,
)

log = structlog.get_logger(__name__)


class CountedForm:
    """Refuses what was tried too often; `retry_after` is then the number of seconds to wait."""

    retry_after: int | None = None

    def take(self, limit: Limit, who: str) -> None:
        """Raises ValidationError beyond the limit."""
        try:
            attempt_take(limit=limit, who=who)
        except TooManyAttempts as refused:
            self.retry_after = refused.seconds
            raise ValidationError(str(refused), code="throttled") from refused


class LoginForm(CountedForm, auth.AuthenticationForm):
    """Django's, whose failures are counted by the address that was typed, account or not, and by network."""

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not email or not password:
            return super().clean()
        network = network_of(self.request) if self.request else ""
        self.take(LOGIN_BY_NETWORK, network)
        self.take(LOGIN_BY_EMAIL, email)
        values = super().clean()
        attempt_give_back(limit=LOGIN_BY_NETWORK, who=network)
        attempts_forget(limit=LOGIN_BY_EMAIL, who=email)
        return values


class PasswordResetForm(CountedForm, auth.PasswordResetForm):
    """Asks for a mail with a link. Whether there is such an account is not looked up here, so no answer tells it."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if email := values.get("email"):
            self.take(RESET_BY_NETWORK, network_of(self._request))
            self.take(RESET_BY_EMAIL, email)
        return values

    def save(self, *args: Any, **options: Any) -> None:
        """In a job, also for addresses without an account: the time that this takes tells nothing either."""
        try:
            enqueue_password_reset(
                email=self.cleaned_data["email"],
                host=self._request.get_host(),
                is_secure=self._request.is_secure(),
            )
        except RedisError:
            # The page says "if there is an account…" all the same; asking again helps.
            log.exception("password_reset_not_queued")
