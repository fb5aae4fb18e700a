"""New passwords for people who have forgotten theirs."""

from django.contrib.auth.forms import PasswordResetForm


def password_reset_mail(*, email: str, host: str, is_secure: bool) -> None:
    """Mail a link to the page for a new password, below `host`, to the account with an address; to nobody without one.

    The link works once, for `settings.PASSWORD_RESET_TIMEOUT` seconds, and until the user logs in. A mail that can't
    be sent is logged.
    """
    form = PasswordResetForm({"email": email})
    if form.is_valid():
        form.save(
            domain_override=host,
            use_https=is_secure,
            subject_template_name="password_reset/subject.txt",
            email_template_name="password_reset/mail.txt",
        )
