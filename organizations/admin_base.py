"""The admin of tenants' tables: scoped, by role, and writing through services alone."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from organizations.constraints import constraints_told
from organizations.roles import EDIT, READ, Role

COUNT_CAP = 10_000


class CappedPaginator(Paginator):
    """Counts to a cap and pages up to it: nobody pages further by hand, and OFFSET stays small."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[:COUNT_CAP].count()

    @property
    def is_capped(self) -> bool:
        return bool(self.count == COUNT_CAP)


class ServiceForm(forms.ModelForm):
    """Checks shape only: the service says what is allowed, and its refusal becomes the form's errors."""

    refusal: ValidationError | None = None

    def _post_clean(self) -> None:
        if self.refusal is not None:
            form_errors_add(self, self.refusal)


def form_errors_add(form: forms.BaseForm, error: ValidationError) -> None:
    """Put a service's refusal beside the fields that it names, and what names none on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        field = name.replace("custom_fields.", "custom:")
        if field in form.fields:
            form.add_error(field, errors)
        else:
            form.add_error(None, [f"{name}: {each}" for one in errors for each in one.messages])


class Refused(Exception):
    """A service refused what the form asked for."""

    def __init__(self, error: ValidationError) -> None:
        self.error = error


class TenantModelAdmin(ModelAdmin):
    """One organization's rows. A subclass says which roles may what, and overrides `service_save` and `service_delete`.

    Other organizations' ids are 404 everywhere. Nothing is written to Django's admin log: history is ours.
    """

    form = ServiceForm
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    view_role: Role = READ
    add_role: Role | None = EDIT
    change_role: Role | None = EDIT
    delete_role: Role | None = EDIT
    # What people have to know before they delete.
    consequence = ""
    # The title of the list, where the name of the model won't do.
    heading = ""
    # What one row and several are called below the list, where the names of the model won't do.
    noun = nouns = ""

    def service_save(self, request: Any, obj: Any, values: dict[str, Any], *, change: bool) -> Any:
        """Write what the form holds, through a service; returns the row. May raise ValidationError."""
        raise NotImplementedError

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        """Delete rows through a service. May raise ValidationError."""
        raise NotImplementedError

    def _covers(self, request: Any, needed: Role | None) -> bool:
        role = getattr(request, "role", None)
        return needed is not None and role is not None and Role(role).covers(needed)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._covers(request, self.view_role)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._covers(request, self.view_role)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return self._covers(request, self.add_role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._covers(request, self.change_role)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._covers(request, self.delete_role)

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: Any = ActionLocation.CHANGE_LIST,
    ) -> Any:
        # Unfold's lacks the place of the action, which Django 6.1 asks for.
        choices = [("", "Select action")]
        return DjangoModelAdmin.get_action_choices(self, request, choices, action_location)

    def get_queryset(self, request: HttpRequest) -> Any:
        ordering = self.get_ordering(request)
        return self.model.objects.order_by(*ordering) if ordering else self.model.objects.all()

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row, or 404 before anything else is asked: Django would redirect, or tell about permissions."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404(f"There is no {self.opts.verbose_name} {object_id[:80]}.")
        return found

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        self.get_object(request, object_id)
        return HttpResponseRedirect(reverse("admin:contacts_contacthistory_changelist"))

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def _words(self) -> dict[str, Any]:
        return {"consequence": self.consequence, "heading": self.heading}

    def changeform_view(
        self, request: Any, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        context = self._words() | (extra_context or {})
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except Refused as refused:
            # The transaction is rolled back; the same form again, with what the service said.
            request.refusal = refused.error
            return super().changeform_view(request, object_id, form_url, context)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        try:
            with constraints_told():
                saved = self.service_save(request, obj, form.cleaned_data, change=change)
        except ValidationError as error:
            raise Refused(error) from error
        obj.__dict__.update(saved.__dict__)

    def delete_view(self, request: Any, object_id: str, extra_context: Any = None) -> Any:
        context = self._words() | (extra_context or {})
        try:
            return super().delete_view(request, object_id, context)
        except Refused as refused:
            self.message_user(request, " ".join(refused.error.messages), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def delete_model(self, request: Any, obj: Any) -> None:
        self._delete(request, [obj])

    def delete_queryset(self, request: Any, queryset: Any) -> None:
        self._delete(request, list(queryset))

    def _delete(self, request: Any, objects: Sequence[Any]) -> None:
        try:
            with constraints_told():
                self.service_delete(request, objects)
        except ValidationError as error:
            raise Refused(error) from error

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        context = self._words() | (extra_context or {})
        try:
            return super().changelist_view(request, context)
        except Refused as refused:
            self.message_user(request, " ".join(refused.error.messages), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def get_deleted_objects(
        self, objs: Any, request: Any
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What is deleted is what was chosen; what follows from it is said in words, not collected."""
        named = [str(obj) for obj in objs]
        return named, {str(self.opts.verbose_name_plural): len(named)}, set(), []

    def log_addition(self, *args: Any) -> None:
        """Our history is the log."""

    log_change = log_deletions = log_addition


class ReadOnlyAdmin(TenantModelAdmin):
    """Rows that are shown, and written by nobody here."""

    add_role = change_role = delete_role = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields or [field.name for field in self.opts.fields]


def redirect_response(name: str, *args: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args))
