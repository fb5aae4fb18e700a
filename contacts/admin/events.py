"""Events, activities and websites in the admin."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import display

from contacts.models import ContactActivity, ContactEvent, Website
from contacts.services.activities import activity_delete
from contacts.services.websites import website_create, website_delete, website_update
from organizations.admin_base import ReadOnlyAdmin, TenantModelAdmin
from organizations.admin_site import site
from organizations.ids import id_of


def contact_link(contact_id: int | None) -> str:
    if contact_id is None:
        return "Nobody yet"
    address = reverse("contacts:detail", args=[contact_id])
    return format_html('<a class="k-link" href="{}">Contact {}</a>', address, contact_id)


class OfContacts:
    """A list that is searched by the number of a contact."""

    search_fields = ("=contact_id",)
    search_help_text = "The number of a contact"

    @display(description="Contact")
    def person(self, obj: Any) -> str:
        return contact_link(obj.contact_id)

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        term = search_term.strip()
        if not term:
            return queryset, False
        number = id_of(term)
        # (Of nobody are those that are not known whose.)
        return queryset.none() if number is None else queryset.filter(contact_id=number), False


@admin.register(ContactEvent, site=site)
class EventAdmin(OfContacts, ReadOnlyAdmin):
    noun, nouns = "event", "events"
    list_display = ("occurred_at", "event_type", "person", "source", "is_machine")
    list_filter = ("is_machine",)
    ordering = ("-pk",)
    actions = None
    readonly_fields = (
        "event_type", "person", "occurred_at", "received_at", "event_data", "source", "source_id", "campaign_id",
        "automation_id", "website", "message_id", "is_machine",
    )  # fmt: skip
    fields = readonly_fields


@admin.register(ContactActivity, site=site)
class ActivityAdmin(OfContacts, TenantModelAdmin):
    """Looking and deleting. Activities are added and pinned where their contact is."""

    add_role = change_role = None
    noun, nouns = "activity", "activities"
    list_display = ("occurred_at", "activity_type", "person", "created_by", "is_pinned")
    list_filter = ("activity_type", "is_pinned")
    list_select_related = ("created_by",)
    ordering = ("-pk",)
    readonly_fields = (
        "activity_type", "person", "occurred_at", "activity_data", "is_pinned", "created_by", "created_at",
    )  # fmt: skip
    fields = readonly_fields
    consequence = "It can’t be had back."

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for activity in objects:
            activity_delete(activity=activity)


@admin.register(Website, site=site)
class WebsiteAdmin(TenantModelAdmin):
    list_display = ("name", "domain", "created_at")
    search_fields = ("name", "domain")
    ordering = ("domain",)
    fields = ("name", "domain")
    consequence = "Its events stay, and are of no site any more."

    def service_save(
        self, request: HttpRequest, obj: Any, values: dict[str, Any], *, change: bool
    ) -> Website:
        return website_update(website=obj, **values) if change else website_create(**values)

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for website in objects:
            website_delete(website=website)
