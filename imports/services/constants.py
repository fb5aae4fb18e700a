"""What is said of everybody in a file at once: where they come from, their tags, what they agreed to."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.models import PreferenceType
from imports.models import ImportJob
from imports.services.columns import has_target
from imports.services.mapping_rules import PREFERENCE
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
