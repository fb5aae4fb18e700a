"""The cards of a contact's relations and of what else finds it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from contacts.actors import Actor, actor_of
from contacts.models import Contact, ContactOperation, IdentifierKind, RelationshipType
from contacts.selectors.relations import identifiers_of, relationship_page, relationships_of
from contacts.selectors.searching import contact_search
from contacts.services.relations import (
    identifier_add,
    identifier_remove,
    relationship_add,
    relationship_remove,
)
from contacts.views.shared import card_answer, card_change, contact_or_404
from organizations.ids import id_of
from organizations.roles import EDIT, READ
from organizations.screens import render_part, role_required

FOUND = 8
IDENTIFIERS = 50
NOT_THERE = "It is gone already."


def relationship_facts(
    contact: Contact, *, cursor: str | None = None, find: str = "", kind: str = ""
) -> dict[str, Any]:
    """What the card of relations shows: a page of them, the kinds there are, and whom a search finds."""
    try:
        page = relationship_page(contact=contact, cursor=cursor)
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    facts = {"related": page.rows, "more": page.next, "kind_choices": _choices(), "kind": kind}
    return facts | found_facts(contact, find)


def _choices() -> list[tuple[str, str]]:
    """Each kind as it is called from this end, and from the other where that differs."""
    choices = []
    for kind in RelationshipType.objects.order_by("id"):
        choices.append((f"{kind.key}:to", kind.label))
        if kind.inverse_label != kind.label:
            choices.append((f"{kind.key}:from", kind.inverse_label))
    return choices


def found_facts(contact: Contact, find: str) -> dict[str, Any]:
    """Whom a search finds, without the contact itself."""
    text = find.replace("\0", "").strip()[:200]
    rows = contact_search(Contact.objects.all(), text).exclude(pk=contact.pk).defer("search_vector")
    return {"find": text, "found": list(rows.order_by("-pk")[:FOUND]) if text else []}


@require_safe
@role_required(EDIT)
def relationships_find(request: Any, pk: int) -> HttpResponse:
    """Whom a contact may be related to, as one types."""
    contact = contact_or_404(pk, is_living=True)
    facts = found_facts(contact, request.GET.get("find", ""))
    return render_part(request, "contacts/_relationships.html#found", facts)


@require_safe
@role_required(READ)
def relationships_more(request: Any, pk: int) -> HttpResponse:
    """More relations, which htmx puts below those that are there."""
    contact = contact_or_404(pk)
    facts = relationship_facts(contact, cursor=request.GET.get("cursor"))
    return render_part(request, "contacts/_relationships.html#rows", {"contact": contact, **facts})


@require_POST
@role_required(EDIT)
def contact_relationships(request: Any, pk: int) -> HttpResponse:
    """Relate a contact to another, or end a relation; without either, look for somebody."""
    contact = contact_or_404(pk, is_living=True)
    posted, actor = request.POST, actor_of(request)
    if not posted.get("other") and not posted.get("remove"):
        return _found(request, contact)
    act = _ended if posted.get("remove") else _related
    change = card_change(lambda: act(posted, contact, actor))
    facts = relationship_facts(contact, kind=posted.get("kind", ""))
    return card_answer(request, contact, change, "contacts/_relationships.html", facts)


def _found(request: Any, contact: Contact) -> HttpResponse:
    find, kind = request.POST.get("find", ""), request.POST.get("kind", "")
    if request.htmx:
        facts = relationship_facts(contact, find=find, kind=kind)
        context = {"contact": contact, **facts}
        return render_part(request, "contacts/_relationships.html", context)
    query = QueryDict(mutable=True)
    query.update({"find": find[:200], "kind": kind[:80]})
    address = reverse("contacts:detail", args=[contact.pk])
    return HttpResponseRedirect(f"{address}?{query.urlencode()}#contact-relationships")


def _related(posted: Any, contact: Contact, actor: Actor) -> ContactOperation:
    kind, _, direction = posted.get("kind", "").partition(":")
    other = _row(Contact.objects.all(), posted["other"], "This contact is gone already.")
    ends = {"contact": contact, "related": other}
    if direction == "from":
        ends = {"contact": other, "related": contact}
    return relationship_add(**ends, relationship_type=kind, actor=actor)


def _ended(posted: Any, contact: Contact, actor: Actor) -> ContactOperation:
    row = _row(relationships_of(contact=contact), posted["remove"], NOT_THERE)
    return relationship_remove(
        contact=row.contact,
        related_id=row.related_contact_id,
        relationship_type=row.relationship_type,
        actor=actor,
    )


def _row(rows: Any, number: str, message: str) -> Any:
    """The row that a form names. Raises ValidationError when there is none."""
    row = rows.filter(pk=id_of(number)).first()
    if row is None:
        raise ValidationError(message)
    return row


def identifier_facts(contact: Contact, *, kind: str = "", value: str = "") -> dict[str, Any]:
    """What the list of further keys shows; `kind` and `value` are what was typed and refused."""
    rows = list(identifiers_of(contact=contact)[: IDENTIFIERS + 1])
    return {
        "identifiers": rows[:IDENTIFIERS],
        "has_more_identifiers": len(rows) > IDENTIFIERS,
        "identifier_kinds": IdentifierKind.choices,
        "typed_kind": kind,
        "typed_value": value,
    }


@require_POST
@role_required(EDIT)
def contact_identifiers(request: Any, pk: int) -> HttpResponse:
    """Give a contact a further address, number or id, or take one off."""
    contact = contact_or_404(pk, is_living=True)
    posted, actor = request.POST, actor_of(request)
    kind, value = posted.get("kind", "")[:40], posted.get("value", "")[:1000]
    if posted.get("remove"):
        change = card_change(lambda: _taken_off(posted, contact, actor))
    else:
        change = card_change(
            lambda: identifier_add(contact=contact, kind=kind, value=value, actor=actor)
        )
    typed = {"kind": kind, "value": value} if change.error else {}
    facts = identifier_facts(contact, **typed)
    return card_answer(request, contact, change, "contacts/_identifiers.html", facts)


def _taken_off(posted: Any, contact: Contact, actor: Actor) -> ContactOperation:
    row = _row(identifiers_of(contact=contact), posted["remove"], NOT_THERE)
    return identifier_remove(contact=contact, kind=row.kind, value_key=row.value_key, actor=actor)
