"""The page of one contact: who it is, what happened to it, and changing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.actors import actor_of
from contacts.attributes import ATTRIBUTE_LABELS
from contacts.cleaning.errors import CleaningError
from contacts.forms import PREFIX, ContactForm
from contacts.models import Contact, ContactHistory, CustomFieldDefinition, FieldType
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.key_labels import moment_said
from contacts.selectors.sources import Source, contact_sources
from contacts.services.contacts import (
    contact_create,
    contact_update,
    contacts_delete,
    contacts_patch,
)
from contacts.views.consent import SOURCED, consent_facts
from contacts.views.engagement import engagement_facts
from contacts.views.relations import identifier_facts, relationship_facts
from contacts.views.shared import (
    back_to,
    conflicts_since,
    contact_or_404,
)
from contacts.views.timeline import timeline_facts
from organizations.admin_base import form_errors_add
from organizations.frame import local_time
from organizations.ids import id_of
from organizations.roles import EDIT, READ
from organizations.screens import render_part, render_screen, role_required
from tags.models import Tag
from tags.names import clean_tag_names
from tags.selectors.tagged import tags_of
from tags.services.tags import tag_patch, tags_ensure

CONSENT = ("is_subscribed", "is_active")
IDENTITY = tuple(name for name in ATTRIBUTE_LABELS if name not in CONSENT)
PARTS = {"identity": "Details", "consent": "Consent", "custom": "Custom fields"}


@require_safe
@role_required(READ)
def contact_detail(request: Any, pk: int) -> HttpResponse:
    contact = contact_or_404(pk)
    if contact.merged_into_id:
        return HttpResponseRedirect(reverse("contacts:detail", args=[contact.merged_into_id]))
    defined = custom_field_definitions()
    keys = [*ATTRIBUTE_LABELS, *SOURCED, *(f"custom:{each.key}" for each in defined)]
    sources = contact_sources(contact_id=pk, keys=keys)
    with local_time(request):
        timeline = timeline_facts(
            contact, before=request.GET.get("before"), show=request.GET.get("show", "")
        )
    context = facts(contact, defined, sources) | timeline | engagement_facts(contact)
    context |= consent_facts(contact, sources) | identifier_facts(contact)
    context |= relationship_facts(
        contact,
        cursor=request.GET.get("related"),
        find=request.GET.get("find", ""),
        kind=request.GET.get("kind", ""),
    )
    context["tags"] = tags_of([contact.pk]).get(contact.pk, [])
    context["tag_names"] = Tag.objects.order_by("name_key").values_list("name", flat=True)[:200]
    if contact.deleted_at:
        context["deletion"] = _deletion(contact)
    return render_screen(request, "contacts/detail.html", context, title=contact.display_name)


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a contact as its page shows it. `kind` says how: the name of an attribute, the type of a field."""

    label: str
    value: Any
    kind: str
    source: Source | None


def facts(
    contact: Contact, defined: Sequence[CustomFieldDefinition], sources: Mapping[str, Source]
) -> dict[str, Any]:
    """What the cards at the left show."""
    identity = [
        Fact(ATTRIBUTE_LABELS[name], _said(contact, name), name, sources.get(name))
        for name in IDENTITY
    ]
    custom = [
        Fact(
            each.label,
            _held(contact, each),
            each.type,
            sources.get(f"custom:{each.key}"),
        )
        for each in defined
    ]
    return {
        "contact": contact,
        "identity": [fact for fact in identity if fact.value],
        "unknown": [fact.label for fact in identity if not fact.value],
        "custom": custom,
    }


def _held(contact: Contact, definition: CustomFieldDefinition) -> Any:
    value = contact.custom_fields.get(definition.key)
    is_moment = definition.type in (FieldType.DATE, FieldType.DATETIME) and isinstance(value, str)
    return moment_said(value) if is_moment else value


def _said(contact: Contact, name: str) -> Any:
    return contact.get_kind_display() if name == "kind" else getattr(contact, name)


def _deletion(contact: Contact) -> ContactHistory | None:
    """The change that deleted a contact and stands."""
    rows = ContactHistory.objects.filter(contact_id=contact.pk, undone_by_id=None)
    deletions = rows.filter(new_value__has_key="deleted_at").select_related("operation")
    return deletions.order_by("-pk").first()


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def contact_new(request: Any) -> HttpResponse:
    form = ContactForm(request.POST or None, definitions=custom_field_definitions())
    if request.method == "POST" and form.is_valid():
        try:
            notes = form.cleaned_data["notes"]
            contact = contact_create(patch=form.patch, actor=actor_of(request), notes=notes)
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, f"{contact.display_name} was added.")
            return HttpResponseRedirect(reverse("contacts:detail", args=[contact.pk]))
    status = 422 if form.errors else 200
    return render_screen(
        request, "contacts/new.html", {"form": form}, title="New contact", status=status
    )


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def contact_edit(request: Any, pk: int, part: str) -> HttpResponse:
    """One card of a contact as a form; says so when somebody else changed the contact meanwhile."""
    contact = contact_or_404(pk, is_living=True)
    defined = custom_field_definitions()
    names = part_names(part, defined)
    form = ContactForm(request.POST or None, definitions=defined, contact=contact, names=names)
    context = {"form": form, "contact": contact, "part": part, "part_label": PARTS[part]}
    context["seen"] = contact.updated_at.isoformat()
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")
        conflicts = conflicts_since(contact, form.fields.keys(), seen, defined)
        if not conflicts and _saved(request, contact, form):
            return back_to(request, contact)
        context["conflicts"] = conflicts
    if request.htmx:
        return render_part(request, "contacts/edit.html#form", context)
    title = f"{PARTS[part]} of {contact.display_name}"
    return render_screen(request, "contacts/edit.html", context, title=title)


def part_names(part: str, defined: Sequence[CustomFieldDefinition]) -> tuple[str, ...]:
    """The form fields of a card. Raises Http404 for a card that there is not."""
    names = {
        "identity": IDENTITY,
        "consent": CONSENT,
        "custom": tuple(f"{PREFIX}{each.key}" for each in defined),
    }
    if part not in names:
        raise Http404("There is no such part of a contact.")
    return names[part]


def _saved(request: Any, contact: Contact, form: ContactForm) -> bool:
    try:
        notes = form.cleaned_data["notes"]
        if form.patch:
            contact_update(contact=contact, patch=form.patch, actor=actor_of(request), notes=notes)
    except ValidationError as error:
        form_errors_add(form, error)
        return False
    except Contact.DoesNotExist:
        form.add_error(None, "Somebody deleted this contact meanwhile.")
        return False
    return True


@require_POST
@role_required(EDIT)
def contact_tags(request: Any, pk: int) -> HttpResponse:
    """Put tags on a contact by name, or take one off by id; answers with the card of tags."""
    contact = contact_or_404(pk, is_living=True)
    error = ""
    try:
        patch, label = _tags_patch(request.POST)
        contacts_patch(ids=[contact.pk], patch=patch, actor=actor_of(request), label=label)
    except ValidationError as refused:
        error = " ".join(refused.messages)
    if not request.htmx:
        if error:
            messages.error(request, error)
        return back_to(request, contact)
    tags = tags_of([contact.pk]).get(contact.pk, [])
    context = {"contact": contact, "tags": tags, "tag_error": error}
    return render_part(request, "contacts/detail.html#tags", context)


def _tags_patch(posted: Any) -> tuple[dict[str, Any], str]:
    removed = id_of(posted.get("remove", ""))
    if removed is not None:
        tag = Tag.objects.filter(pk=removed).first()
        if tag is None:
            raise ValidationError("This tag is gone already.")
        return tag_patch(remove=[tag]), f"Took off the tag {tag.name}"
    try:
        names = clean_tag_names(posted.get("tags", "")[:2000])
    except CleaningError as error:
        raise ValidationError(error.message) from error
    if not names:
        raise ValidationError("Name at least one tag.")
    return tag_patch(add=tags_ensure(names=names).values()), f"Tagged with {', '.join(names)}"


@require_POST
@role_required(EDIT)
def contact_delete(request: Any, pk: int) -> HttpResponse:
    contact = contact_or_404(pk, is_living=True)
    notes = request.POST.get("notes", "")[:500]
    operation = contacts_delete(ids=[contact.pk], actor=actor_of(request), notes=notes)
    if operation.pk is not None:
        address = reverse("contacts:operation", args=[operation.pk])
        text = '{} was deleted. <a href="{}#undo">Undo</a>'
        messages.success(request, format_html(text, contact.display_name, address))
    return HttpResponseRedirect(reverse("contacts:list"))
