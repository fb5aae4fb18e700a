"""How mail leaves Kith: by the address in EMAIL_URL, or, where there is none, as files that nobody is sent."""

from pathlib import Path
from typing import Any

import environ

SMTP = "django.core.mail.backends.smtp.EmailBackend"
FILES = "config.mail_files.EmailBackend"
DJANGO_FILES = "django.core.mail.backends.filebased.EmailBackend"
# A mail server that doesn't answer holds up a worker no longer than this.
TIMEOUT_SECONDS = 15


def mailers(*, url: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Django's MAILERS for an EMAIL_URL such as `smtp+tls://user:password@host:587`; without one, files in `folder`.

    Raises ImproperlyConfigured for a scheme that nobody knows.
    """
    if not url:
        return {"default": {"BACKEND": FILES, "OPTIONS": {"file_path": str(folder)}}}
    parts = environ.Env.email_url_config(url)
    backend = parts["EMAIL_BACKEND"]
    options = _smtp_options(parts) if backend == SMTP else {}
    if backend == DJANGO_FILES:
        backend = FILES
        options = {"file_path": f"/{parts['EMAIL_FILE_PATH'].lstrip('/')}"}
    return {"default": {"BACKEND": backend, "OPTIONS": options}}


def _smtp_options(parts: dict[str, Any]) -> dict[str, Any]:
    """django-environ speaks in the settings of before Django 6.1. What else the URL says (`?timeout=5`) comes last."""
    extra = {name.lower(): value for name, value in parts.get("OPTIONS", {}).items()}
    options = {
        "host": parts["EMAIL_HOST"],
        "port": parts["EMAIL_PORT"],
        "username": parts["EMAIL_HOST_USER"],
        "password": parts["EMAIL_HOST_PASSWORD"],
        "use_tls": parts.get("EMAIL_USE_TLS"),
        "use_ssl": parts.get("EMAIL_USE_SSL"),
        "timeout": TIMEOUT_SECONDS,
    }
    return {name: value for name, value in options.items() if value is not None} | extra
