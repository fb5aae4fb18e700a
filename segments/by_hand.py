"""Who is in a segment by hand, or kept out; why somebody is in; which segments somebody is in."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from contacts.actors import actor_of
from contacts.models import ContactOperation
from contacts.selectors.contact_list import contacts_found
from contacts.views.about import contact_or_404
from organizations.roles import EDIT, READ
from organizations.screens import may, render_part, render_screen, role_required
from segments.models import Segment, SegmentMembership, SegmentMembershipLog
from segments.selectors.explaining import explain
from segments.services.pins import contacts_pin, members_keep
from segments.views import is_waiting, segment_or_404


@require_POST
@role_required(EDIT)
def segment_snapshot(request: Any, pk: int) -> HttpResponse:
    """Keep those who are in a segment now as a list by hand."""
    segment = segment_or_404(pk)
    name = f"{segment.name[:150]}, {timezone.localtime():%-d %B %Y %H:%M:%S}"
    try:
        made, operation = members_keep(segment=segment, name=name, actor=actor_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("segments:detail", args=[pk]))
    if operation.status in ContactOperation.LIVE_STATUSES:
        return HttpResponseRedirect(reverse("contacts:operation", args=[operation.pk]))
    count = operation.summary.get("updated", 0)
    people = "1 contact is" if count == 1 else f"{count:,} contacts are"
    stay = f"{people} in {made.name} in a moment, and stay until somebody takes them out."
    _say_pinned(request, operation, stay)
    return HttpResponseRedirect(reverse("segments:detail", args=[made.pk]))


@require_POST
@role_required(EDIT)
def members_add(request: Any, pk: int) -> HttpResponse:
    """Put a contact into a segment by hand, or keep one out: whom a number, an address or a name finds."""
    is_in = request.POST.get("pin") != "out"
    segment, text = segment_or_404(pk), request.POST.get("who", "").replace("\0", "").strip()
    found, address = contacts_found(text), reverse("segments:detail", args=[pk])
    if len(found) > 1:
        # Which of them is asked on the page.
        return HttpResponseRedirect(
            f"{address}?{urlencode({'who': text, 'pin': 'in' if is_in else 'out'})}#add-title"
        )
    if not found:
        messages.error(request, f"Nobody is found by “{text[:80]}”.")
    else:
        selection = {"ids": [found[0].pk]}
        operation = contacts_pin(
            segment=segment, selection=selection, is_in=is_in, actor=actor_of(request)
        )
        where = f"{'in' if is_in else 'out of'} {segment.name}"
        _say_pinned(request, operation, f"{found[0].display_name} is {where} in a moment.")
    return HttpResponseRedirect(address)


@require_safe
@role_required(READ)
def segment_why(request: Any, pk: int, contact_pk: int) -> HttpResponse:
    """Why a contact is in a segment, or is not."""
    segment, contact = segment_or_404(pk), contact_or_404(contact_pk, is_living=True)
    log = SegmentMembershipLog.objects.filter(contact_id=contact.pk, segment=segment)
    context: dict[str, Any] = {
        "segment": segment,
        "contact": contact,
        "log": log.order_by("-pk")[:20],
        "may_edit": may(request, EDIT),
        "is_waiting": is_waiting(segment),
    }
    try:
        context["explained"] = explain(segment=segment, contact_id=contact.pk)
    except ValidationError as error:
        context["wrong"] = "; ".join(error.messages)
    title = f"Why {contact.display_name}?"
    return render_screen(request, "segments/why.html", context, title=title)


@require_POST
@role_required(EDIT)
def member_pin(request: Any, pk: int, contact_pk: int) -> HttpResponse:
    """Have a contact always in, always out, or as the rules have it."""
    segment, contact = segment_or_404(pk), contact_or_404(contact_pk, is_living=True)
    operation = contacts_pin(
        segment=segment,
        selection={"ids": [contact.pk]},
        is_in={"in": True, "out": False}.get(request.POST.get("pin", "")),
        actor=actor_of(request),
    )
    _say_pinned(request, operation, f"{operation.label}. The segment follows in a moment.")
    return HttpResponseRedirect(reverse("segments:why", args=[pk, contact_pk]))


def _say_pinned(request: Any, operation: ContactOperation, text: str) -> None:
    if operation.pk is None:
        messages.info(request, "Nothing changed: it was so already.")
        return
    address = reverse("contacts:operation", args=[operation.pk])
    messages.success(request, format_html('{} <a href="{}#undo">Undo</a>', text, address))


@require_safe
@role_required(READ)
def of_contact(request: Any, contact_pk: int) -> HttpResponse:
    """The segments of a contact, for its page."""
    contact = contact_or_404(contact_pk, is_living=True)
    rows = SegmentMembership.objects.filter(contact=contact).select_related("segment")
    found = rows.annotate(name_key=F("segment__name_key")).order_by("name_key")
    others = Segment.objects.exclude(pk__in=rows.values("segment_id")).order_by("name_key")[:100]
    context = {"contact": contact, "memberships": found, "others": others}
    return render_part(request, "segments/_of_contact.html", context)
