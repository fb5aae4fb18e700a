"""The one place where contacts are written: batches of wanted values, through `contacts/sql/write.sql`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts import facets
from contacts.models import ContactOperation, CustomFieldDefinition
from contacts.models.contact import SLOTS
from contacts.services.waking import wake_on_commit
from contacts.slots import slot_fragments
from organizations.locks import LockSpace, lock_organization
from organizations.scope import current_organization_id
from organizations.statements import fetch_all, statement

Patch = dict[str, Any]
Match = Literal["id", "any_id", "email", "external_id"]
Mode = Literal["upsert", "create", "update"]


def _by_key(column: str, kind: str) -> str:
    """By the key of a contact, or else by a further one (`contact_identifiers`)."""
    return f"""c.deleted_at is null and c.id = coalesce(
      (
        select p.id
        from contacts p
        where p.organization_id = %(organization_id)s and p.{column} = i.match_key and p.deleted_at is null
      ),
      (
        select x.contact_id
        from contact_identifiers x
        where x.organization_id = %(organization_id)s and x.kind = '{kind}' and x.value_key = i.match_key
          and x.is_living
      )
    )"""


MATCHES: dict[Match, str] = {
    "id": "c.id = i.contact_id and c.deleted_at is null",
    "any_id": "c.id = i.contact_id",
    "email": _by_key("email_key", "email"),
    "external_id": _by_key("external_id", "external_id"),
}
JSON_ROWS = """
  select (r.value ->> 'row')::bigint as row_number, (r.value ->> 'id')::bigint as contact_id,
    r.value ->> 'key' as match_key, r.value -> 'patch' as patch
  from jsonb_array_elements(%(rows)s::jsonb) r
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to write: a static query of (row_number, contact_id, match_key, patch) with its parameters, and how they
    find their contacts. `is_resolved` says that what patches refer to (tags) is known to exist; `has_preferences`,
    `has_identifiers`, `has_relationships` and `has_suppressions`, that patches may have such keys (or, for the second,
    give deleted contacts back). `has_consent` says that these people agreed anew to what they had opted out of;
    `is_apart`, that rows are to be told as if each were the only one (never when they are written). Keys in `new_only`
    are for new contacts, those in `fill_only` for who has no value yet. `sink` is the static SQL that ends the statement.
    """

    incoming: str
    match: Match
    mode: Mode = "upsert"
    protect_opt_outs: bool = False
    is_resolved: bool = False
    has_preferences: bool = True
    has_identifiers: bool = True
    has_relationships: bool = True
    has_suppressions: bool = True
    has_consent: bool = False
    is_apart: bool = False
    new_only: Sequence[str] = ()
    fill_only: Sequence[str] = ()
    params: dict[str, Any] = field(default_factory=dict)
    sink: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: created, updated, unchanged, protected, skipped, duplicate or failed (with `error`)."""

    row_number: int
    contact_id: int | None
    outcome: str
    error: dict[str, Any] | None
    old: Patch
    new: Patch


def json_batch(
    rows: Sequence[tuple[int | None, str | None, Patch]], *, match: Match, mode: Mode = "upsert"
) -> Batch:
    """A batch of (contact id, key to match, patch), numbered from 0."""
    documents = [
        {"row": number, "id": contact_id, "key": key, "patch": patch}
        for number, (contact_id, key, patch) in enumerate(rows)
    ]
    keys = {key for _, _, patch in rows for key in patch}
    return Batch(
        incoming=JSON_ROWS,
        match=match,
        mode=mode,
        has_identifiers=match == "any_id" or any(key.startswith("identifier:") for key in keys),
        has_suppressions=any(key.startswith("suppression:") for key in keys),
        params={"rows": json.dumps(documents)},
    )


@transaction.atomic
def contacts_write(
    *,
    operation: ContactOperation,
    batch: Batch,
    change_type: str | None = None,
    notes: str = "",
    proof: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> list[tuple[Any, ...]]:
    """Write a batch as part of an operation; returns what its sink selects (by default the outcome of each row).

    `proof` goes with what the batch says of consent (`EmailPreference.proof`). One statement whatever the size: contacts, what upper floors keep about them, history, changes.
    Locks the contacts of the organization until the transaction ends. A row that can't be written fails by itself.
    """
    lock_organization(LockSpace.CONTACTS, current_organization_id())
    sql = statement(
        "contacts",
        "write",
        plan=plan_sql(batch),
        facets=facets.facets_sql(),
        changes=facets.changes_sql(),
        **slot_fragments("w.custom_fields"),
        sink=batch.sink or statement("contacts", "outcomes"),
    )
    params = plan_params(batch) | {
        "is_write": True,
        "operation_id": operation.pk,
        "actor_id": operation.actor_id,
        "door": operation.source,
        "change_type": change_type,
        "notes": notes,
        "proof": json.dumps(dict(proof)) if proof else None,
        "now": now or timezone.now(),
    }
    rows = fetch_all(sql, params)
    wake_on_commit(current_organization_id())
    return rows


def contacts_plan(*, batch: Batch, sink: str) -> list[tuple[Any, ...]]:
    """What writing a batch would do now; nothing is written or locked."""
    params = plan_params(batch) | {"is_write": False}
    return fetch_all(f"with {plan_sql(batch)} {sink}", params)


def outcomes(rows: Sequence[tuple[Any, ...]]) -> list[Outcome]:
    """The rows of the default sink. (Django leaves jsonb of plain cursors as text.)"""
    return [
        Outcome(number, contact_id, outcome, *(part and json.loads(part) for part in documents))
        for number, contact_id, outcome, *documents in rows
    ]


def plan_sql(batch: Batch) -> str:
    return statement(
        "contacts",
        "plan",
        incoming=batch.incoming,
        match=MATCHES[batch.match],
        documents=facets.documents_sql(),
        gone="" if batch.is_resolved else facets.gone_sql(),
    )


def plan_params(batch: Batch) -> dict[str, Any]:
    return (
        {
            "organization_id": current_organization_id(),
            "match": batch.match,
            "mode": batch.mode,
            "protect_opt_outs": batch.protect_opt_outs,
            "has_preferences": batch.has_preferences,
            "has_identifiers": batch.has_identifiers,
            "has_relationships": batch.has_relationships,
            "has_suppressions": batch.has_suppressions,
            "has_consent": batch.has_consent,
            "is_apart": batch.is_apart,
            "new_only": list(batch.new_only),
            "fill_only": list(batch.fill_only),
            "now": timezone.now(),
        }
        | custom_field_params()
        | batch.params
    )


def custom_field_params() -> dict[str, Any]:
    """For each slot the key of the custom field that it carries, and the keys that a new contact needs. One query.

    Of the table and not of the cache: under the lock of contacts, it is what the filling of a slot counts on.
    """
    special = CustomFieldDefinition.objects.filter(Q(slot__isnull=False) | Q(is_required=True))
    rows = list(special.values_list("key", "slot", "is_required"))
    carried = {slot: key for key, slot, _ in rows if slot}
    required = [f"custom:{key}" for key, _, is_required in rows if is_required]
    return dict.fromkeys(SLOTS) | carried | {"required": required}
