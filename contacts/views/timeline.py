"""The timeline on a contact's page: looking through it, and adding notes and activities to it."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import replace_url

from contacts.actors import actor_of
from contacts.models import ActivityType, Contact, ContactActivity
from contacts.selectors.timeline import contact_timeline, pinned_activities, timeline_days
from contacts.services.activities import (
    MAX_TEXT,
    activity_add,
    activity_delete,
    activity_update,
)
from contacts.timeline import timeline_sources
from contacts.views.about import contact_or_404
from organizations.admin_base import form_errors_add
from organizations.frame import local_time
from organizations.ids import id_of
from organizations.roles import EDIT, READ
from organizations.screens import render_part, role_required


class ActivityForm(forms.Form):
    """A note, or what somebody did with a contact."""

    activity_type = forms.ChoiceField(label="What", choices=ActivityType.choices)
    text = forms.CharField(
        label="What was said or done",
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    occurred_at = forms.DateTimeField(
        label="When",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    is_pinned = forms.BooleanField(label="Pin to the top", required=False)


def timeline_facts(
    contact: Contact, *, before: str | None = None, show: str = "", form: ActivityForm | None = None
) -> dict[str, Any]:
    """What the timeline shows: a page by day, of one kind where `show` names it. Raises Http404 for what there is not."""
    kinds = [show] if show else []
    try:
        page = contact_timeline(contact=contact, before=before, kinds=kinds)
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    days = timeline_days(contact=contact, happenings=page.happenings)
    asked = urlencode({"show": show, "before": page.older}) if page.older else ""
    return {
        "days": days,
        "last_day": days[-1][0].isoformat() if days else "",
        "older": asked,
        "is_older": bool(before),
        "show": show,
        "timeline_kinds": [
            ("", "Everything"),
            *((each.name, each.label) for each in timeline_sources()),
        ],
        "pinned": pinned_activities(contact=contact),
        "activity_form": form or ActivityForm(),
    }


@require_safe
@role_required(READ)
def contact_timeline_part(request: Any, pk: int) -> HttpResponse:
    """The timeline of some kind, or what is older, which htmx puts below what is there."""
    contact = contact_or_404(pk)
    before = request.GET.get("before")
    with local_time(request):
        facts = timeline_facts(contact, before=before, show=request.GET.get("show", ""))
    facts |= {"contact": contact, "is_beside": True, "continued": request.GET.get("day", "")}
    part = "rows" if before else "shown"
    return render_part(request, f"contacts/_timeline.html#{part}", facts)


def with_every_kind(request: Any, contact: Contact, answer: HttpResponse) -> HttpResponse:
    """Let the address say that every kind is shown now, if it names one."""
    if "show=" not in (request.htmx.current_url or ""):
        return answer
    return replace_url(answer, reverse("contacts:detail", args=[contact.pk]))


@require_POST
@role_required(EDIT)
def contact_activities(request: Any, pk: int) -> HttpResponse:
    """Note an activity; pin, unpin or delete one. Answers with the timeline."""
    contact = contact_or_404(pk, is_living=True)
    form, said = ActivityForm(), ""
    with local_time(request):
        if number := request.POST.get("change", ""):
            said = _changed(contact, *number.partition(":")[::2])
        else:
            form = ActivityForm(request.POST)
            said = _added(request, contact, form)
    if request.htmx:
        with local_time(request):
            facts = timeline_facts(contact, form=form if form.errors else None)
        context = facts | {"contact": contact, "said": said}
        answer = render_part(request, "contacts/_timeline.html#timeline", context)
        return with_every_kind(request, contact, answer)
    (messages.error if form.errors else messages.success)(request, said)
    address = reverse("contacts:detail", args=[contact.pk])
    return HttpResponseRedirect(f"{address}#timeline-title")


def _added(request: Any, contact: Contact, form: ActivityForm) -> str:
    """What to say of an activity that was asked for; errors are on the form."""
    if form.is_valid():
        checked = form.cleaned_data
        try:
            made = activity_add(
                contact=contact,
                activity_type=checked["activity_type"],
                data={"text": checked["text"].strip()} if checked["text"].strip() else {},
                occurred_at=checked["occurred_at"],
                is_pinned=checked["is_pinned"],
                actor=actor_of(request),
            )
        except ValidationError as error:
            _form_errors_add(form, error)
        else:
            return f"{made.get_activity_type_display()} was added."
    return " ".join(str(error) for errors in form.errors.values() for error in errors)


def _form_errors_add(form: ActivityForm, error: ValidationError) -> None:
    named = {name.replace("data.text", "text"): each for name, each in error.error_dict.items()}
    form_errors_add(form, ValidationError(named))


def _changed(contact: Contact, number: str, change: str) -> str:
    activity = ContactActivity.objects.filter(contact=contact, pk=id_of(number)).first()
    if activity is None:
        return "It is gone already."
    if change == "delete":
        activity_delete(activity=activity)
        return "It was deleted."
    try:
        activity_update(activity=activity, is_pinned=change == "pin")
    except ValidationError:
        return "It is gone already."
    return "It is pinned to the top." if change == "pin" else "It is no longer pinned."
