"""Contacts, custom fields, operations, history and the change feed in the admin."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from unfold import widgets
from unfold.decorators import action, display

from contacts.admin.actors import admin_actor
from contacts.attributes import ATTRIBUTE_LABELS
from contacts.forms import (
    PREFIX,
    attribute_fields,
    custom_fields,
    form_patch,
    initial_values,
)
from contacts.models import (
    Contact,
    ContactChange,
    ContactHistory,
    ContactOperation,
    CustomFieldDefinition,
    SavedView,
)
from contacts.resources import CustomFieldResource
from contacts.selectors.definitions import custom_field_definitions
from contacts.selectors.history import key_changes
from contacts.selectors.key_labels import key_labels
from contacts.selectors.saved_views import may_change_view, saved_views_seen
from contacts.selectors.searching import contact_search
from contacts.selectors.slot_states import slot_state, with_slot_jobs
from contacts.services.contacts import contact_create, contact_update, contacts_delete
from contacts.services.custom_fields import (
    custom_field_create,
    custom_field_delete,
    custom_field_update,
)
from contacts.services.feed import changes_retry
from contacts.services.saved_views import saved_view_delete, saved_view_update
from organizations.admin_base import ReadOnlyAdmin, ServiceForm, TenantModelAdmin
from organizations.admin_files import ImportExportAdmin
from organizations.admin_site import site
from organizations.ids import id_of
from organizations.roles import CONFIGURE, READ, Role

FOUND_AT_MOST = 1000


def in_unfold_style(fields: dict[str, forms.Field]) -> dict[str, forms.Field]:
    """The same fields with the widgets of unfold's look."""
    for field in fields.values():
        kept = dict(field.widget.attrs) | {"type": getattr(field.widget, "input_type", "text")}
        if isinstance(field, forms.MultipleChoiceField):
            field.widget = widgets.UnfoldAdminSelectMultipleWidget(choices=field.choices)
        elif isinstance(field, forms.ChoiceField):
            field.widget = widgets.UnfoldAdminSelectWidget(choices=field.choices)
        elif isinstance(field, forms.BooleanField):
            field.widget = widgets.UnfoldBooleanSwitchWidget()
        else:
            field.widget = widgets.UnfoldAdminTextInputWidget(attrs=kept)
    return fields


@admin.register(Contact, site=site)
class ContactAdmin(TenantModelAdmin):
    """The form for one contact. The list is the screen's: it pages by keyset."""

    search_fields = ("email_key",)
    ordering = ("-pk",)
    consequence = (
        "It leaves lists, segments and sums at once. Its history stays, and the deletion can be "
        "undone from the page of the operation."
    )

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        if request.method == "GET":
            return HttpResponseRedirect(reverse("contacts:list"))
        return super().changelist_view(request, extra_context)

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        return (contact_search(queryset, search_term) if search_term else queryset), False

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        definitions = custom_field_definitions()
        fields = in_unfold_style(attribute_fields() | custom_fields(definitions))
        starts = (
            initial_values(obj, definitions) if obj else {"is_active": True, "is_subscribed": True}
        )
        for name, field in fields.items():
            field.initial = starts.get(name)
        meta = type("Meta", (), {"model": Contact, "fields": []})
        contents = {"Meta": meta, "refusal": getattr(request, "refusal", None)}
        return type("ContactAdminForm", (ServiceForm,), fields | contents)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        custom = [f"{PREFIX}{key}" for key in self._keys()]
        sets = [(None, {"fields": list(ATTRIBUTE_LABELS)})]
        return [*sets, ("Custom fields", {"fields": custom})] if custom else sets

    def _keys(self) -> list[str]:
        return [each.key for each in custom_field_definitions()]

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> Contact:
        definitions = custom_field_definitions()
        patch = form_patch(values, values, definitions)
        if not change:
            return contact_create(patch=patch, actor=admin_actor(request))
        return contact_update(contact=obj, patch=patch, actor=admin_actor(request))

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        operation = contacts_delete(ids=[each.pk for each in objects], actor=admin_actor(request))
        if operation.pk is None:
            return
        address = reverse("contacts:operation", args=[operation.pk])
        self.message_user(request, format_html('<a href="{}">Look at it or undo it.</a>', address))


class CustomFieldForm(ServiceForm):
    choices = forms.CharField(
        required=False,
        help_text="One a line, for fields of choices.",
        widget=widgets.UnfoldAdminTextareaWidget,
    )

    class Meta:
        model = CustomFieldDefinition
        fields = ("label", "key", "type", "choices", "is_required", "is_indexed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices or [])

    def clean_choices(self) -> list[str]:
        return [line for line in self.cleaned_data["choices"].splitlines() if line.strip()]


@admin.register(CustomFieldDefinition, site=site)
class CustomFieldAdmin(ImportExportAdmin, TenantModelAdmin):
    form = CustomFieldForm
    resource_classes = [CustomFieldResource]
    add_role = change_role = delete_role = CONFIGURE
    list_display = ("label", "key", "type", "is_required", "indexed")
    list_filter = ("type",)
    search_fields = ("label", "key")
    ordering = ("label", "pk")
    fields = ("label", "key", "type", "choices", "is_required", "is_indexed")
    consequence = (
        "Values stay with the contacts, unseen, and are back when a field has this key again."
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_slot_jobs(super().get_queryset(request))

    @display(description="Indexed")
    def indexed(self, obj: CustomFieldDefinition) -> str:
        state = slot_state(obj)
        words = {"none": "No", "ready": "Yes", "failed": f"Stopped: {state.note}"}
        return words.get(state.status, f"{state.done:,} of {state.total:,} contacts")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("key", "type") if obj else ()

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> CustomFieldDefinition:
        if change:
            return custom_field_update(definition=obj, **values)
        return custom_field_create(**values)

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for definition in objects:
            custom_field_delete(definition=definition)


@admin.register(SavedView, site=site)
class SavedViewAdmin(TenantModelAdmin):
    """Renaming, sharing and deleting. What a view shows is chosen where it is shown: in the list of contacts."""

    add_role = None
    change_role = delete_role = READ
    list_display = ("name", "is_shared", "owner", "updated_at")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    search_fields = ("name",)
    ordering = ("name_key", "pk")
    fields = ("name", "is_shared", "owner", "columns", "sort", "filters")
    readonly_fields = ("owner", "columns", "sort", "filters")
    consequence = "Who sees it above the list of contacts sees it no more. No contact is touched."

    def get_queryset(self, request: Any) -> Any:
        seen = saved_views_seen(user=request.user).values("pk")
        return super().get_queryset(request).filter(pk__in=seen)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        is_allowed = super().has_change_permission(request, obj)
        return is_allowed and (obj is None or may_change_view(view=obj, **_who(request)))

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> SavedView:
        return saved_view_update(view=obj, **values, **_who(request))

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for view in objects:
            saved_view_delete(view=view, **_who(request))


def _who(request: Any) -> dict[str, Any]:
    return {"user": request.user, "role": Role(request.role)}


@admin.register(ContactOperation, site=site)
class OperationAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "state", "source", "actor", "started_at", "undone_at")
    list_filter = ("kind", "status", "source")
    list_select_related = ("actor",)
    search_fields = ("label",)
    ordering = ("-pk",)
    actions = ("undo",)
    readonly_fields = (
        "label", "kind", "status", "source", "actor", "api_key", "undoes", "summary",
        "progress_done", "progress_total", "error", "started_at", "finished_at", "undone_at", "screen",
    )  # fmt: skip
    fields = readonly_fields

    @display(description="Operation", ordering="label")
    def name(self, obj: ContactOperation) -> str:
        return str(obj)

    @display(
        description="Status",
        label={"Done": "success", "Running": "info", "Waiting": "info", "Failed": "danger"},
    )
    def state(self, obj: ContactOperation) -> str:
        return obj.get_status_display()

    @display(description="Page")
    def screen(self, obj: ContactOperation) -> str:
        address = reverse("contacts:operation", args=[obj.pk])
        return format_html('<a class="k-link" href="{}">Counts, preview and undo</a>', address)

    @action(description="Undo… (preview first)")
    def undo(self, request: HttpRequest, queryset: Any) -> Any:
        operation = queryset.first()
        if operation is None or queryset.count() > 1:
            self.message_user(request, "Choose one operation at a time.", messages.WARNING)
            return None
        return HttpResponseRedirect(reverse("contacts:operation", args=[operation.pk]))


@admin.register(ContactHistory, site=site)
class HistoryAdmin(ReadOnlyAdmin):
    noun, nouns = "change", "changes"
    list_display = (
        "changed_at",
        "change_type",
        "contact",
        "keys",
        "changed_by",
        "operation",
        "stands",
    )
    list_filter = ("change_type",)
    list_select_related = ("changed_by", "operation")
    search_fields = ("=contact_id",)
    search_help_text = "A contact: name, address or number"
    ordering = ("-pk",)
    actions = None

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With what each change is about in words, looked up for all rows at once."""
        found = super().get_changelist_instance(request)
        rows = list(found.result_list)
        labels = key_labels(key for row in rows for key in row.new_value)
        people = Contact.with_deleted.defer("search_vector").in_bulk(
            [row.contact_id for row in rows]
        )
        for row in rows:
            row.person = people.get(row.contact_id)
            row.changes = key_changes(row.old_value, row.new_value, labels)
        found.result_list = rows
        return found

    @display(description="Contact")
    def contact(self, obj: Any) -> str:
        if obj.person is None:
            return f"Contact {obj.contact_id} (erased)"
        address = reverse("contacts:detail", args=[obj.contact_id])
        return format_html('<a class="k-link" href="{}">{}</a>', address, obj.person.display_name)

    @display(description="Changed")
    def keys(self, obj: Any) -> str:
        return ", ".join(dict.fromkeys(change.label for change in obj.changes))[:120]

    @display(description="Stands", boolean=True)
    def stands(self, obj: ContactHistory) -> bool:
        return obj.undone_by_id is None

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        term = search_term.strip()
        if not term:
            return queryset, False
        if (number := id_of(term)) is not None:
            return queryset.filter(contact_id=number), False
        people = contact_search(Contact.with_deleted.all(), term).values_list("pk", flat=True)
        return queryset.filter(contact_id__in=list(people[:FOUND_AT_MOST])), False


@admin.register(ContactChange, site=site)
class SetAsideChangeAdmin(ReadOnlyAdmin):
    """Facts that a subscriber failed on five times."""

    heading = "Set aside"
    view_role = CONFIGURE
    list_display = ("id", "kind", "contact_id", "failures", "error", "set_aside_at")
    ordering = ("-pk",)
    actions = ("retry",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(set_aside_at__isnull=False)

    @action(description="Try again")
    def retry(self, request: Any, queryset: Any) -> None:
        count = changes_retry(ids=list(queryset.values_list("pk", flat=True)))
        self.message_user(request, f"{count:,} put back into the queue.", messages.SUCCESS)
