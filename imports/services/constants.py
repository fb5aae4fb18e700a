"""What is said of everybody in a file at once: where they come from, their tags, what they agreed to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from phonenumbers import SUPPORTED_REGIONS

from contacts.models import PreferenceType
from imports.models import ImportJob
from imports.services.columns import has_target
from imports.services.mapping_rules import OPTED_OUT, PREFERENCE, SUBSCRIBED
from tags.names import tag_key, validated_tag_name


def constants_of(*, source: str = "", tags: Sequence[str] = ()) -> dict[str, Any]:
    """The values that every line begins with. Raises ValidationError for a tag without a fit name."""
    constants: dict[str, Any] = {"source": source} if source else {}
    if tags:
        constants["tags"] = {tag_key(name): validated_tag_name(name) for name in tags}
    return constants


def consent_declared(consent: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A declaration that everybody in the file agreed to kinds of mail, with where they did; None for none. One query.

    Raises ValidationError when it names no kind or an unknown one, or does not say where the consent comes from.
    """
    if not consent:
        return None
    known = set(PreferenceType.objects.values_list("key", flat=True))
    types = list(dict.fromkeys(consent.get("types") or ()))
    source, text = (str(consent.get(name) or "").strip() for name in ("source", "text"))
    if not types or not known.issuperset(types):
        listed = ", ".join(sorted(known))
        message = f"Name the kinds of mail that they agreed to (known: {listed})."
        raise _refusal("types", message, "unknown_type" if types else "required")
    if not source:
        message = "Say where and when they agreed: it is kept as the proof."
        raise _refusal("source", message, "required")
    if len(source) > 500 or len(text) > 5000:
        raise _refusal("source", "The source has 500 characters at most, the text 5,000.", "long")
    return {"types": types, "source": source, "text": text}


def country_of(code: str) -> str:
    """A country as telephone numbers have it, in capitals; blank for none. Raises ValidationError for an unknown one."""
    country = code.strip().upper()
    if country and country not in SUPPORTED_REGIONS:
        message = f"{country[:20]} is not the code of a country, such as NO."
        raise ValidationError({"country": ValidationError(message, code="unknown_country")})
    return country


def unsubscribed_check(*, options: Mapping[str, Any], mapping: Sequence[Mapping[str, Any]]) -> None:
    """Raises ValidationError where new people are to get no mail, and the file says who does."""
    if not options.get("new_unsubscribed"):
        return
    if options.get("consent"):
        message = "These people agreed to get mail, and new ones are to get none: it can't be both."
    elif has_target(mapping, SUBSCRIBED, OPTED_OUT):
        message = "A column says already who gets mail: leave that to it."
    else:
        return
    raise ValidationError({"subscribes_new": ValidationError(message, code="conflict")})


def _refusal(name: str, message: str, code: str) -> ValidationError:
    return ValidationError({f"consent.{name}": ValidationError(message, code=code)})


def consent_values(job: ImportJob) -> dict[str, bool]:
    """What declared consent gives to each contact whose line does not say otherwise."""
    consent = job.options.get("consent")
    if not consent:
        return {}
    return {"is_subscribed": True} | {f"{PREFERENCE}{key}": True for key in consent["types"]}


def consent_proof(job: ImportJob) -> dict[str, Any] | None:
    """What proves the preferences that an import writes: the declaration, and the file that it came with."""
    consent = job.options.get("consent") or {}
    if not consent and not has_target(job.mapping, PREFERENCE):
        return None
    told = {name: consent[name] for name in ("source", "text") if consent.get(name)}
    at = job.started_at or timezone.now()
    return told | {"import": job.pk, "file": job.file_name, "imported_at": at.isoformat()}
