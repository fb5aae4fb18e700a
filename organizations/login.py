"""Logging in, and a new password for who has forgotten theirs."""

from typing import Any

from django.contrib.auth import views as auth
from django.http import HttpResponse

from organizations.forms import LoginForm, PasswordResetForm
from organizations.services.attempts import LOGIN_BY_EMAIL, attempts_forget


class Counted:
    """Answers 429, with the time to wait, where the form has refused because of too many attempts."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if form.retry_after is not None:
            response.status_code = 429
            response["Retry-After"] = str(form.retry_after)
        return response


class LoginView(Counted, auth.LoginView):
    template_name = "login.html"
    form_class = LoginForm
    redirect_authenticated_user = True


class PasswordResetView(Counted, auth.PasswordResetView):
    template_name = "password_reset/ask.html"
    form_class = PasswordResetForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}


class PasswordResetConfirmView(auth.PasswordResetConfirmView):
    template_name = "password_reset/choose.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Who reads the mail of an address is not kept out by failures that were counted against it."""
        response = super().form_valid(form)
        attempts_forget(limit=LOGIN_BY_EMAIL, who=form.user.email)
        return response
