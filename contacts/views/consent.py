"""The card of a contact's consent: the whole truth of what it may receive and why, and changing it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from contacts.actors import Actor, actor_of
from contacts.models import Contact, ContactOperation
from contacts.selectors.consent import Consent, consents
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.sources import Source, contact_sources
from contacts.selectors.suppressions import suppression_of
from contacts.services.consent import contact_pause, preferences_set
from contacts.views.shared import (
    CardChange,
    card_answer,
    card_change,
    conflicts_since,
    contact_or_404,
)
from organizations.roles import EDIT
from organizations.screens import role_required

PAUSE = timedelta(days=30)
# What the card tells the sources of; kinds of mail have their own words for it.
SOURCED = ("is_subscribed", "is_active", "paused_until")
PROOF_LABELS = {
    "source": "Where",
    "text": "Text shown",
    "text_version": "Its version",
    "given_at": "Given",
    "ip": "IP address",
    "user_agent": "Browser",
}


def consent_facts(contact: Contact, sources: Mapping[str, Source]) -> dict[str, Any]:
    """What the card shows: every kind of mail, what the contact gets of it, and what stands in the way."""
    kinds = consents(contact=contact)
    paused = contact.paused_until
    return {
        "kinds": [(each, _proof(each)) for each in kinds],
        "received": [each.type.label for each in kinds if each.may_receive],
        "suppression": suppression_of(contact=contact),
        "is_paused": paused is not None and paused > timezone.now(),
        "sources": sources,
    }


def _proof(consent: Consent) -> list[tuple[str, Any]]:
    """What proves a consent, in words."""
    proof = consent.preference.proof if consent.preference else {}
    known = {label: proof.get(name) for name, label in PROOF_LABELS.items()}
    others = {name: value for name, value in proof.items() if name not in PROOF_LABELS}
    return [(label, value) for label, value in (known | others).items() if value]


@require_POST
@role_required(EDIT)
def contact_consent(request: Any, pk: int) -> HttpResponse:
    """Switch a kind of mail on or off, pause mail or end the pause."""
    contact = contact_or_404(pk, is_living=True)
    key, act = _asked(request.POST, contact, actor_of(request))
    seen = request.POST.get("seen", "")[:40]
    conflicts = conflicts_since(contact, [key], seen, custom_field_definitions())
    change = CardChange(conflicts=conflicts) if conflicts else card_change(act)
    contact = contact_or_404(pk)
    facts = consent_facts(contact, contact_sources(contact_id=pk, keys=SOURCED))
    return card_answer(request, contact, change, "contacts/_consent.html", facts)


def _asked(
    posted: Mapping[str, str], contact: Contact, actor: Actor
) -> tuple[str, Callable[[], ContactOperation]]:
    """The key that is to be changed, and what changes it."""
    reason = posted.get("reason", "").strip()[:500]
    kind, _, state = posted.get("switch", "").partition(":")
    if kind and state in ("on", "off"):
        said: Mapping[str, bool | None] = {kind: state == "on"}
        return f"preference:{kind}", lambda: preferences_set(
            contact=contact, preferences=said, actor=actor, reason=reason
        )
    if posted.get("pause") in ("on", "off"):
        until = timezone.now() + PAUSE if posted["pause"] == "on" else None
        return "paused_until", lambda: contact_pause(
            contact=contact, until=until, actor=actor, reason=reason
        )
    return "", _nothing


def _nothing() -> ContactOperation:
    raise ValidationError("Choose what to switch on or off.")
