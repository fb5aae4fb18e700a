"""Finding anything of an organization by what people type into the palette."""

from django.urls import reverse

from contacts.models import Contact, ContactKind
from contacts.selectors.searching import contact_search
from imports.models import ImportJob
from organizations.palette import Action, SearchHit
from organizations.roles import EDIT
from segments.models import Segment
from tags.models import Tag
from tags.names import tag_key

ACTIONS = (
    Action("New contact", "contacts:new", EDIT, "person_add"),
    Action("New segment", "segments:new", EDIT, "group_add"),
    Action("New list by hand", "segments:new_static", EDIT, "playlist_add"),
    Action("New import", "imports:new", EDIT, "upload_file"),
    Action("New export", "exports:new", EDIT, "download"),
)


def search_everything(text: str) -> list[SearchHit]:
    """Contacts, segments, tags and imports of the organization in scope that a text finds. Five queries, each limited."""
    return [*_contacts(text), *_segments(text), *_tags(text), *_imports(text)]


def _contacts(text: str) -> list[SearchHit]:
    found = contact_search(Contact.objects.all(), text).order_by("-pk")[:6]
    return [
        SearchHit(
            contact.display_name,
            contact.email or "Contact",
            reverse("contacts:detail", args=[contact.pk]),
            "domain" if contact.kind == ContactKind.COMPANY else "person",
        )
        for contact in found
    ]


def _segments(text: str) -> list[SearchHit]:
    found = Segment.objects.filter(name_key__contains=text.casefold()).order_by("name_key")[:3]
    return [
        SearchHit(each.name, "Segment", reverse("segments:detail", args=[each.pk]), "groups")
        for each in found
    ]


def _tags(text: str) -> list[SearchHit]:
    found = Tag.objects.filter(name_key__startswith=tag_key(text)).order_by("name_key")[:3]
    return [
        SearchHit(tag.name, "Tag", reverse("tags:detail", args=[tag.pk]), "sell") for tag in found
    ]


def _imports(text: str) -> list[SearchHit]:
    found = ImportJob.objects.filter(file_name__icontains=text).order_by("-pk")[:3]
    return [
        SearchHit(
            job.file_name,
            "Import",
            reverse("imports:detail", args=[job.pk]),
            "upload_file",
        )
        for job in found
    ]
