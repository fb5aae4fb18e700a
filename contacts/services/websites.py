"""The sites whose visits are events."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from contacts.cleaning.domains import clean_domain
from contacts.cleaning.errors import CleaningError
from contacts.models import Website
from contacts.rules.usage import require_unused
from organizations.constraints import constraints_told


@transaction.atomic
def website_create(*, name: str, domain: str) -> Website:
    """A site, by its domain; an address is taken for its domain. Raises ValidationError, for a known domain too."""
    website = Website(name=_checked_name(name), domain=_checked_domain(domain))
    with constraints_told():
        website.save(force_insert=True)
    return website


@transaction.atomic
def website_update(*, website: Website, **changes: Any) -> Website:
    """Change the `name` or the `domain` of a site; its events stay its own. Raises ValidationError."""
    if "name" in changes:
        website.name = _checked_name(changes["name"])
    if "domain" in changes:
        website.domain = _checked_domain(changes["domain"])
    with constraints_told():
        website.save(update_fields=["name", "domain"])
    return website


@transaction.atomic
def website_delete(*, website: Website) -> None:
    """Delete a site; its events stay, and are of no site any more. Raises ValidationError while rules name it."""
    require_unused("website", str(website.pk), f"the website {website.name}")
    Website.objects.filter(pk=website.pk).delete()


def _checked_name(name: str) -> str:
    checked = name.strip()
    if not checked or len(checked) > 200 or "\0" in checked:
        message = "Give a name of 1 to 200 characters."
        raise ValidationError({"name": ValidationError(message, code="invalid")})
    return checked


def _checked_domain(domain: str) -> str:
    try:
        return clean_domain(domain)
    except CleaningError as error:
        refused = ValidationError(error.message, code=error.code)
        raise ValidationError({"domain": refused}) from error
