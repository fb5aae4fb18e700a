"""Segments: the list, the page of one, who joined and left, and what people do with it as a whole."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact, ContactChange
from contacts.selectors.contact_list import contacts_found
from organizations.keyset import Order, keyset_page
from organizations.roles import EDIT, READ
from organizations.screens import may, render_part, render_screen, role_required
from segments.models import (
    MembershipReason,
    Segment,
    SegmentKind,
    SegmentMembershipLog,
    SegmentPin,
    SegmentRefresh,
    SegmentStatus,
)
from segments.selectors.member_cache import MemberCache
from segments.selectors.members import MEMBER_ORDERS, members, members_at
from segments.selectors.sentences import sentences
from segments.selectors.sizes import DaySize, sizes_by_day, sizes_of
from segments.selectors.usage import segment_users, users_of
from segments.services.refreshing import segment_refresh_cancel, segment_refresh_start
from segments.services.segments import segment_create, segment_delete, segment_update

PAGE = 50


def segment_or_404(pk: int) -> Segment:
    segment = Segment.objects.filter(pk=pk).first()
    if segment is None:
        raise Http404("There is no such segment.")
    return segment


@require_safe
@role_required(READ)
def segments_list(request: Any) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    rows = (
        Segment.objects.filter(name_key__contains=text.casefold())
        if text
        else Segment.objects.all()
    )
    page = _page(request, rows, Order("name_key"))
    said, sizes = sentences(page.rows), sizes_of(page.rows)
    users = users_of([segment.pk for segment in page.rows])
    shown = [
        {
            "segment": segment,
            "sentence": said[segment.pk],
            "sizes": [(day.date, day.size) for day in sizes[segment.pk]],
            "users": users[segment.pk],
        }
        for segment in page.rows
    ]
    context = {
        "rows": shown,
        "next": page.next,
        "previous": page.previous,
        "q": text,
        "may_edit": may(request, EDIT),
    }
    return render_screen(request, "segments/list.html", context, title="Segments")


def _page(request: Any, rows: Any, order: Order, **options: Any) -> Any:
    cursor = request.GET.get("cursor")
    try:
        return keyset_page(rows, order=order, cursor=cursor, size=PAGE, **options)
    except ValidationError as error:
        raise Http404("There is no such page.") from error


@require_safe
@role_required(READ)
def segment_detail(request: Any, pk: int) -> HttpResponse:
    """A segment: its rules, how it grew, and who is in it, now or on a date."""
    segment = segment_or_404(pk)
    day, wrong = _asked_day(request)
    tz = ZoneInfo(request.organization.timezone)
    at = datetime.combine(day, time.max, tz) if day else None
    who = request.GET.get("who", "").replace("\0", "").strip()
    rows = members_at(segment=segment, at=at) if at else members(segment=segment)
    cache = MemberCache(segment)
    page = _page(request, rows.defer("search_vector"), MEMBER_ORDERS["id"], take=cache.take)
    sizes = sizes_by_day(segment=segment)
    context = {
        "segment": segment,
        "sentence": sentences([segment])[segment.pk],
        "members": page.rows,
        "next": page.next,
        "previous": page.previous,
        "at": request.GET.get("at", ""),
        "day": day,
        "is_today": day == timezone.localdate(timezone=tz),
        "wrong_day": wrong,
        "count_at": cache.count(rows) if at else None,
        "sizes": sizes,
        "series": [(day.date, day.size) for day in sizes],
        "bars": _bars(sizes),
        "joined": sum(day.joined for day in sizes),
        "left": sum(day.left for day in sizes),
        "users": segment_users(segment=segment),
        "who": who,
        "candidates": contacts_found(who),
        "pin": request.GET.get("pin", "in"),
        **_pins(segment),
        "may_edit": may(request, EDIT),
        **_state(segment),
    }
    return render_screen(request, "segments/detail.html", context, title=segment.name)


PINS_SHOWN = 20


def _pins(segment: Segment) -> dict[str, Any]:
    """Who is pinned: some of them, and how many in all."""
    rows = SegmentPin.objects.filter(segment=segment)
    counts = dict(rows.order_by().values_list("is_in").annotate(count=Count("pk")))
    pinned = {"in": counts.get(True, 0), "out": counts.get(False, 0)}
    return {
        "pins": rows.select_related("contact")[:PINS_SHOWN],
        "pinned": pinned | {"more": sum(pinned.values()) > PINS_SHOWN},
    }


def _asked_day(request: Any) -> tuple[date | None, str]:
    """A day that is asked for; or what is wrong with it."""
    text = request.GET.get("at", "")
    if not text:
        return None, ""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        return None, f"“{text[:40]}” is not a date such as 2026-03-01."
    if day > timezone.localdate(timezone=ZoneInfo(request.organization.timezone)):
        return None, "That day has not come yet."
    return day, ""


def _bars(sizes: Sequence[DaySize]) -> list[dict[str, Any]]:
    """Who joined (up) and left (down) on each day, for a chart 100 wide and 24 high."""
    top = max([1, *(max(day.joined, day.left) for day in sizes)])
    step = 100 / max(len(sizes), 1)
    return [
        {
            "day": day,
            "x": round(number * step, 2),
            "width": round(step * 0.7, 2),
            "joined": round(11.5 * day.joined / top, 2),
            "up": round(12 - 11.5 * day.joined / top, 2),
            "left": round(11.5 * day.left / top, 2),
        }
        for number, day in enumerate(sizes)
    ]


def _state(segment: Segment) -> dict[str, Any]:
    refreshes = SegmentRefresh.objects.filter(segment=segment)
    live = refreshes.filter(status__in=SegmentRefresh.LIVE_STATUSES).first()
    return {
        "refresh": live,
        "last": refreshes.filter(status="done").order_by("-pk").first(),
        "is_waiting": live is not None or is_waiting(segment),
        "percent": _percent(live, segment),
    }


def _percent(refresh: SegmentRefresh | None, segment: Segment) -> int | None:
    """How far a computation may be, which is one statement and does not tell: by how long it took the last time."""
    if refresh is None or refresh.started_at is None or not segment.computed_in:
        return None
    return min(95, round(100 * (timezone.now() - refresh.started_at) / segment.computed_in))


def is_waiting(segment: Segment) -> bool:
    """Whether its members are about to change: by a computation, or by what was done by hand."""
    if segment.status in (SegmentStatus.BUILDING, SegmentStatus.STALE):
        return True
    pinned = ContactChange.objects.filter(kind="pinned", reference=segment.pk, set_aside_at=None)
    return pinned.exists()


@require_safe
@role_required(READ)
def segment_state(request: Any, pk: int) -> HttpResponse:
    """Whether a segment is up to date, for a page that waits; once it is, all of the page is read anew."""
    segment = segment_or_404(pk)
    context = {"segment": segment, "may_edit": may(request, EDIT), **_state(segment)}
    response = render_part(request, "segments/detail.html#state", context)
    if not context["is_waiting"]:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@role_required(READ)
def segment_history(request: Any, pk: int) -> HttpResponse:
    """Who joined and left, when and why; narrowed by action and reason."""
    segment = segment_or_404(pk)
    rows = SegmentMembershipLog.objects.filter(segment=segment)
    action, reason = request.GET.get("action", ""), request.GET.get("reason", "")
    if action in ("joined", "left"):
        rows = rows.filter(action=action)
    if reason in MembershipReason.values:
        rows = rows.filter(reason=reason)
    page = _page(request, rows, Order("at"), is_descending=True)
    people = Contact.with_deleted.defer("search_vector").in_bulk(
        [row.contact_id for row in page.rows]
    )
    context = {
        "segment": segment,
        "entries": [(row, people.get(row.contact_id)) for row in page.rows],
        "next": page.next,
        "previous": page.previous,
        "action": action,
        "reason": reason,
        "reasons": MembershipReason.choices,
    }
    title = f"Who joined and left {segment.name}"
    return render_screen(request, "segments/history.html", context, title=title)


@require_POST
@role_required(EDIT)
def segment_refresh(request: Any, pk: int) -> HttpResponse:
    segment = segment_or_404(pk)
    if segment.kind == SegmentKind.DYNAMIC:
        segment_refresh_start(segment=segment, reason=MembershipReason.DATA, user=request.user)
    return HttpResponseRedirect(reverse("segments:detail", args=[pk]))


@require_POST
@role_required(EDIT)
def segment_cancel(request: Any, pk: int) -> HttpResponse:
    try:
        segment_refresh_cancel(segment=segment_or_404(pk))
    except ValidationError as error:
        # It may just have come to its end.
        messages.info(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("segments:detail", args=[pk]))


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def static_new(request: Any) -> HttpResponse:
    """A segment that is kept by hand."""
    values, wrong = {"name": "", "description": ""}, ""
    if request.method == "POST":
        values = {name: request.POST.get(name, "").strip() for name in values}
        try:
            made = segment_create(kind=SegmentKind.STATIC, user=request.user, **values)
        except ValidationError as error:
            wrong = " ".join(error.messages)
        else:
            messages.success(request, f"{made.name} was made. Now put people in.")
            return HttpResponseRedirect(reverse("segments:detail", args=[made.pk]))
    context = {"values": values, "wrong": wrong}
    return render_screen(request, "segments/new_static.html", context, title="New list by hand")


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def segment_rename(request: Any, pk: int) -> HttpResponse:
    segment, wrong = segment_or_404(pk), ""
    values = {"name": segment.name, "description": segment.description}
    if request.method == "POST":
        values = {name: request.POST.get(name, "").strip() for name in values}
        try:
            segment_update(segment=segment, user=request.user, **values)
        except ValidationError as error:
            wrong = " ".join(error.messages)
        else:
            messages.success(request, "The segment was renamed.")
            return HttpResponseRedirect(reverse("segments:detail", args=[pk]))
    context = {"values": values, "wrong": wrong, "segment": segment}
    return render_screen(request, "segments/new_static.html", context, title=f"Rename {segment}")


@require_POST
@role_required(EDIT)
def segment_remove(request: Any, pk: int) -> HttpResponse:
    """Delete a segment; it can't be undone, so it takes the number of contacts, typed."""
    segment = segment_or_404(pk)
    typed = "".join(letter for letter in request.POST.get("count", "") if letter.isdecimal())
    if typed != str(segment.member_count):
        text = f"Type {segment.member_count}, the number of contacts in it, to delete the segment."
        messages.error(request, text)
        return HttpResponseRedirect(reverse("segments:detail", args=[pk]))
    try:
        segment_delete(segment=segment)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("segments:detail", args=[pk]))
    messages.success(request, f"The segment {segment.name} was deleted. No contact was touched.")
    return HttpResponseRedirect(reverse("segments:list"))
