"""Tags: how many have them, how they grow, and changing them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.actors import actor_of
from contacts.rules.usage import word_users
from organizations.admin_base import form_errors_add
from organizations.keyset import Order, keyset_page
from organizations.roles import EDIT, READ
from organizations.screens import render_screen, role_required
from tags.forms import TagForm
from tags.models import Tag
from tags.names import tag_key
from tags.selectors.growth import tag_growth
from tags.services.tags import PALETTE, tag_create, tag_delete, tag_update

PAGE = 100


def tag_or_404(pk: int) -> Tag:
    tag = Tag.objects.filter(pk=pk).first()
    if tag is None:
        raise Http404("There is no such tag.")
    return tag


@require_safe
@role_required(READ)
def tags_list(request: Any) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    tags = Tag.objects.filter(name_key__contains=tag_key(text)) if text else Tag.objects.all()
    try:
        page = keyset_page(
            tags, order=Order("name_key"), cursor=request.GET.get("cursor"), size=PAGE
        )
    except ValidationError as error:
        raise Http404("There is no such page.") from error
    context = {"tags": page.rows, "next": page.next, "previous": page.previous, "q": text}
    return render_screen(request, "tags/list.html", context, title="Tags")


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def tag_new(request: Any) -> HttpResponse:
    form = TagForm(request.POST or None, initial={"color": PALETTE[0]})
    if request.method == "POST" and form.is_valid():
        try:
            tag = tag_create(**form.cleaned_data)
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, f"The tag {tag.name} was made.")
            return HttpResponseRedirect(reverse("tags:detail", args=[tag.pk]))
    return render_screen(request, "tags/new.html", {"form": form}, title="New tag")


@require_http_methods(["GET", "POST"])
@role_required(READ)
def tag_detail(request: Any, pk: int) -> HttpResponse:
    tag = tag_or_404(pk)
    if request.method == "POST":
        return _changed(request, tag)
    return _page(request, tag, TagForm(initial=_initial(tag)))


@role_required(EDIT)
def _changed(request: Any, tag: Tag) -> HttpResponse:
    form = TagForm(request.POST, initial=_initial(tag))
    if form.is_valid():
        values = form.cleaned_data | {"color": form.cleaned_data["color"] or tag.color}
        try:
            tag_update(tag=tag_or_404(tag.pk), **values)
        except ValidationError as error:
            form_errors_add(form, error)
        else:
            messages.success(request, "The tag was changed.")
            return HttpResponseRedirect(reverse("tags:detail", args=[tag.pk]))
    return _page(request, tag, form)


def _initial(tag: Tag) -> dict[str, str]:
    return {"name": tag.name, "color": tag.color, "description": tag.description}


def _page(request: Any, tag: Tag, form: TagForm) -> HttpResponse:
    growth = tag_growth(tag=tag)
    users = word_users("tag", tag.name_key)
    context = {"tag": tag, "form": form, "growth": growth, "users": users}
    return render_screen(request, "tags/detail.html", context, title=tag.name)


@require_POST
@role_required(EDIT)
def tag_remove(request: Any, pk: int) -> HttpResponse:
    """Delete a tag; it can't be undone, so it takes the number of contacts, typed."""
    tag = tag_or_404(pk)
    typed = "".join(letter for letter in request.POST.get("count", "") if letter.isdecimal())
    if typed != str(tag.contact_count):
        text = f"Type {tag.contact_count}, the number of contacts that have it, to delete the tag."
        messages.error(request, text)
        return HttpResponseRedirect(reverse("tags:detail", args=[pk]))
    try:
        operation = tag_delete(tag=tag, actor=actor_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("tags:detail", args=[pk]))
    address = reverse("contacts:operation", args=[operation.pk])
    text = 'The tag {} was deleted. <a href="{}">What that changed</a>'
    messages.success(request, format_html(text, tag.name, address))
    return HttpResponseRedirect(reverse("tags:list"))
