"""Adding up engagement anew: after weights or half-life changed, and for doubts."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import JSONObject

from contacts.engagement import EPOCH, OTHER_WEIGHT, weights_of
from contacts.models import Contact
from contacts.models.event import LONGEST_NAME
from contacts.selectors.leaders import leaders_forget
from contacts.services.waking import wake_on_commit
from organizations.locks import LockSpace, lock_organization, try_lock_organization
from organizations.models import Organization
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

# Ids of contacts in one statement.
BATCH = 5_000
MOST_WEIGHTS, HEAVIEST = 100, 1_000


@transaction.atomic
def engagement_rebuild() -> int | None:
    """Compute the sums and scores of every contact from the events, and put the organization's weights and half-life in
    force; returns how many differed, None when somebody is at it.

    All of it is one transaction, since scores by different settings can't be compared; a range of contacts is one
    statement. Locks the organization's contacts: what would write them waits for its end.
    """
    organization_id = current_organization_id()
    if not try_lock_organization(LockSpace.ENGAGEMENT, organization_id):
        return None
    lock_organization(LockSpace.CONTACTS, organization_id)
    organization = Organization.objects.get(pk=organization_id)
    wanted = organization.wanted_engagement
    differed = sum(_rebuild_range(wanted, first) for first in _ranges())
    Organization.objects.filter(pk=organization_id).update(engagement_in_force=wanted)
    # What was read by the old settings means something else by the new ones: the feed would be too slow.
    transaction.on_commit(partial(leaders_forget, organization_id=organization_id))
    wake_on_commit(organization_id)
    return differed


def _ranges() -> Iterator[int]:
    """The first id of each range that has contacts."""
    ids = Contact.with_deleted.order_by("pk").values_list("pk", flat=True)
    first = ids.first()
    while first is not None:
        yield first
        first = ids.filter(pk__gte=first + BATCH).first()


def _rebuild_range(wanted: Mapping[str, Any], first: int) -> int:
    params = {
        "organization_id": current_organization_id(),
        "first": first,
        "last": first + BATCH - 1,
        "weights": json.dumps(weights_of(wanted["weights"])),
        "other_weight": OTHER_WEIGHT,
        "epoch": EPOCH,
        "half_life": wanted["half_life_days"],
    }
    ((differed,),) = fetch_all(statement("contacts", "engagement_rebuild"), params)
    return int(differed)


def organizations_to_rebuild() -> list[int]:
    """The organizations whose scores were computed by other settings than they want now."""
    wanted = JSONObject(
        half_life_days=F("engagement_half_life_days"), weights=F("engagement_weights")
    )
    rows = Organization.objects.exclude(engagement_in_force=wanted)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def engagement_settings_change(*, half_life_days: int, weights: Mapping[str, Any]) -> Organization:
    """Say by which half-life and which own weights the organization in scope wants its scores.

    They are in force once the schedule has had all scores computed anew. Raises ValidationError by field.
    """
    locked = Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
    locked.engagement_half_life_days = half_life_days
    locked.engagement_weights = checked_weights(weights)
    changed = {"engagement_half_life_days", "engagement_weights"}
    locked.clean_fields(exclude={field.name for field in locked._meta.fields} - changed)
    locked.save(update_fields=changed)
    return locked


def checked_weights(weights: Mapping[str, Any]) -> dict[str, float]:
    """An organization's own weights by kind of event. Raises ValidationError for what is none."""
    if len(weights) > MOST_WEIGHTS:
        raise _no_weights(f"Give {MOST_WEIGHTS} weights at most.")
    for name, weight in weights.items():
        is_number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not is_number or not 0 <= weight <= HEAVIEST:
            raise _no_weights(f"The weight of {name[:80]} is a number from 0 to {HEAVIEST:,}.")
        if not 0 < len(name) <= LONGEST_NAME:
            raise _no_weights(f"Names of events have 1 to {LONGEST_NAME} characters.")
    return dict(weights)


def _no_weights(message: str) -> ValidationError:
    return ValidationError({"engagement_weights": ValidationError(message, code="invalid")})
