"""Pages of a segment's members and their counts, from a cache in Redis.

What is kept is named after `Segment.members_version`, which the transaction that changes members counts up: nobody asks
any more for what was read before it, also where a process dies right behind it. The segment is read anew for each
request, so the cache is never behind the table. Without Redis, the tables are read.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from contacts.models import Contact
from organizations.cache import cache, cached
from organizations.keyset import capped_count
from segments.models import Segment

KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class MemberCache:
    """What was read of `members` and `members_at` of a segment, as it was fetched for this request."""

    segment: Segment

    def take(self, rows: QuerySet[Any]) -> list[Any]:
        """The rows of a query. Who they are comes from the cache, what is known of them from the table."""
        name = self._name("page", rows)
        held = cached(name)
        if held is not None:
            return _people(held)
        found = list(rows)
        cache(name, [(row.member_id, row.added_at) for row in found], seconds=KEPT_SECONDS)
        return found

    def count(self, rows: QuerySet[Any], cap: int = 10_000) -> tuple[int, bool]:
        """How many rows a query finds, counting to `cap` at most; and whether there are more."""
        name = self._name(f"count:{cap}", rows)
        held = cached(name)
        if held is None:
            held = list(capped_count(rows, cap))
            cache(name, held, seconds=KEPT_SECONDS)
        return held[0], held[1]

    def _name(self, kind: str, rows: QuerySet[Any]) -> str:
        asked = hashlib.sha256(repr(rows.query.sql_with_params()).encode()).hexdigest()
        of = self.segment
        return f"kith:members:{of.organization_id}:{of.pk}:{of.members_version}:{kind}:{asked}"


def _people(held: list[tuple[int, str]]) -> list[Contact]:
    """The contacts of a page that was kept, in its order."""
    contacts = Contact.with_deleted.defer("search_vector").in_bulk([pk for pk, _ in held])
    found = []
    for pk, added_at in held:
        if contact := contacts.get(pk):
            contact.member_id, contact.added_at = pk, datetime.fromisoformat(added_at)  # type: ignore[attr-defined]
            found.append(contact)
    return found
