"""Kinds of mail and of relationships, suppressions, and what was said of them, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold import widgets
from unfold.decorators import display

from contacts.admin.actors import admin_actor
from contacts.models import (
    EmailPreference,
    Identifier,
    PreferenceType,
    Relationship,
    RelationshipType,
    Suppression,
)
from contacts.models.suppression import GIVEN_REASONS
from contacts.services.kinds import (
    preference_type_create,
    preference_type_update,
    relationship_type_create,
    relationship_type_update,
)
from contacts.services.suppressions import suppression_add
from organizations.admin_base import ReadOnlyAdmin, ServiceForm, TenantModelAdmin
from organizations.admin_site import site
from organizations.roles import CONFIGURE


class KindAdmin(TenantModelAdmin):
    """Kinds of mail and of relationships: their keys stay, and so do they."""

    add_role = change_role = CONFIGURE
    delete_role = None
    search_fields = ("label", "key")
    ordering = ("pk",)
    services: tuple[Any, Any]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key",) if obj else ()

    def service_save(self, request: Any, obj: Any, values: dict[str, Any], *, change: bool) -> Any:
        create, update = self.services
        return update(kind=obj, **values) if change else create(**values)


@admin.register(PreferenceType, site=site)
class PreferenceTypeAdmin(KindAdmin):
    services = (preference_type_create, preference_type_update)
    list_display = ("label", "key", "is_enabled_by_default", "is_transactional")
    fields = ("label", "key", "description", "is_enabled_by_default")


@admin.register(RelationshipType, site=site)
class RelationshipTypeAdmin(KindAdmin):
    services = (relationship_type_create, relationship_type_update)
    list_display = ("label", "inverse_label", "key")
    fields = ("label", "inverse_label", "key")


class SuppressionAdminForm(ServiceForm):
    email = forms.CharField(
        max_length=1000, label="E-mail address", widget=widgets.UnfoldAdminEmailInputWidget
    )
    reason = forms.ChoiceField(choices=GIVEN_REASONS, widget=widgets.UnfoldAdminSelectWidget)

    class Meta:
        model = Suppression
        fields = ("reason", "source")


@admin.register(Suppression, site=site)
class SuppressionAdmin(TenantModelAdmin):
    """Suppressing addresses. Lifting takes a note: it is done on the screen of the suppression."""

    form = SuppressionAdminForm
    change_role = delete_role = None
    list_display = ("address_hash", "reason", "since", "source")
    list_filter = ("reason",)
    search_fields = ("=address_hash",)
    ordering = ("-pk",)
    readonly_fields = ("screen",)

    @display(description="Page")
    def screen(self, obj: Suppression) -> str:
        address = reverse("contacts:suppression", args=[obj.pk])
        return format_html('<a class="k-link" href="{}">Who has it, and lifting it</a>', address)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("address_hash", "reason", "since", "source", "screen")
        return shown if obj else ("email", "reason", "source")

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> Suppression:
        return suppression_add(**values, actor=admin_actor(request))


class OfAContactAdmin(ReadOnlyAdmin):
    """What contacts' pages change."""

    list_select_related: tuple[str, ...] = ("contact",)
    search_fields = ("=contact__id",)
    search_help_text = "The number of a contact"
    ordering = ("-pk",)
    actions = None


@admin.register(EmailPreference, site=site)
class EmailPreferenceAdmin(OfAContactAdmin):
    list_display = ("contact", "preference_type", "is_enabled", "reason", "updated_at")
    list_filter = ("is_enabled",)


@admin.register(Relationship, site=site)
class RelationshipAdmin(OfAContactAdmin):
    list_display = ("contact", "relationship_type", "related_contact", "created_at", "source")
    list_select_related = ("contact", "related_contact")


@admin.register(Identifier, site=site)
class IdentifierAdmin(OfAContactAdmin):
    list_display = ("contact", "kind", "value", "is_living", "created_at", "source")
    list_filter = ("kind", "is_living")
