"""Settings, members, API keys and notices of the organization in scope."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from django.utils.html import format_html
from unfold import widgets
from unfold.decorators import action, display

from contacts.services.engagement import engagement_settings_change
from organizations.admin_base import (
    ReadOnlyAdmin,
    ServiceForm,
    TenantModelAdmin,
    redirect_response,
)
from organizations.admin_site import site
from organizations.models import ApiKey, Notice, Organization, OrganizationMembership
from organizations.roles import CONFIGURE, Role
from organizations.scope import current_organization_id
from organizations.screens import may, render_screen
from organizations.services.api_keys import api_key_create, api_key_revoke
from organizations.services.members import member_invite
from organizations.services.organizations import (
    member_remove,
    member_role_change,
    organization_retention_change,
)


def require_rank(request: Any, role: str) -> None:
    """Nobody gives, changes or takes away more than they have. Raises ValidationError."""
    if not may(request, Role(role)):
        raise ValidationError({"role": f"This takes the role {Role(role).label} yourself."})


class SettingsForm(ServiceForm):
    engagement_weights = forms.CharField(
        required=False,
        widget=widgets.UnfoldAdminTextareaWidget,
        label="weights of events for engagement",
        help_text="Those that are not the usual ones, one a line: webinar_attended 8. Usual are email_opened 1, "
        "email_clicked 3, form_submitted 5, page_visited 1; 0 for mails that were sent, delivered or came back, and 1 for "
        "everything else. Scores follow a few minutes after a change.",
    )

    class Meta:
        model = Organization
        fields = ("import_retention_days", "import_archive_days", "engagement_half_life_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weights = self.instance.engagement_weights.items()
        self.initial["engagement_weights"] = "\n".join(f"{name} {each:g}" for name, each in weights)

    def clean_engagement_weights(self) -> dict[str, float]:
        weights = {}
        for line in self.cleaned_data["engagement_weights"].splitlines():
            name, _, number = line.strip().rpartition(" ")
            if line.strip():
                weights[name.strip()] = self._weight(line, name, number)
        return weights

    def _weight(self, line: str, name: str, number: str) -> float:
        try:
            if name.strip():
                return float(number)
        except ValueError:
            pass
        raise ValidationError(f"“{line.strip()[:80]}” is not a name and a number.")


@admin.register(Organization, site=site)
class OrganizationAdmin(TenantModelAdmin):
    """The organization in scope, which is its only row: what can be set of it."""

    form = SettingsForm
    heading = "Settings"
    change_role = CONFIGURE
    add_role = delete_role = None
    fields = (
        "name", "slug", "import_retention_days", "import_archive_days", "engagement_half_life_days",
        "engagement_weights",
    )  # fmt: skip
    readonly_fields = ("name", "slug")
    actions = None

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """There is one row only: straight to it."""
        return redirect_response(
            "admin:organizations_organization_change", current_organization_id()
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        return Organization.objects.filter(pk=current_organization_id())

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> Organization:
        organization_retention_change(
            import_retention_days=values["import_retention_days"],
            import_archive_days=values["import_archive_days"],
        )
        return engagement_settings_change(
            half_life_days=values["engagement_half_life_days"],
            weights=values["engagement_weights"],
        )


class NewMemberForm(ServiceForm):
    email = forms.EmailField(widget=widgets.UnfoldAdminEmailInputWidget, label="E-mail")
    name = forms.CharField(
        required=False, max_length=200, widget=widgets.UnfoldAdminTextInputWidget
    )
    password = forms.CharField(
        required=False,
        strip=False,
        widget=widgets.UnfoldAdminPasswordWidget,
        help_text="Only for people who have no account yet. They can change it after logging in.",
        label="First password",
    )

    class Meta:
        model = OrganizationMembership
        fields = ("role",)


@admin.register(OrganizationMembership, site=site)
class MembershipAdmin(TenantModelAdmin):
    heading = "Members"
    add_role = change_role = delete_role = CONFIGURE
    list_display = ("person", "email", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("user__email",)
    consequence = (
        "This person can't enter the organization any more. Their account and what they did stay."
    )

    @display(description="Person", ordering="user__email")
    def person(self, obj: OrganizationMembership) -> str:
        return str(obj.user)

    @display(description="E-mail")
    def email(self, obj: OrganizationMembership) -> str:
        return obj.user.email

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("person", "email", "role") if obj else ("email", "name", "role", "password")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("person", "email") if obj else ()

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> OrganizationMembership:
        require_rank(request, values["role"])
        if not change:
            return member_invite(**values)
        require_rank(request, self.get_object(request, str(obj.pk)).role)
        return member_role_change(membership=obj, role=values["role"])

    def service_delete(self, request: Any, objects: Sequence[Any]) -> None:
        for membership in objects:
            require_rank(request, membership.role)
            member_remove(membership=membership)


class ApiKeyForm(ServiceForm):
    class Meta:
        model = ApiKey
        fields = ("name", "role", "expires_at")


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(TenantModelAdmin):
    """Keys are made and revoked; nothing of them is changed, and their secret is shown once."""

    form = ApiKeyForm
    view_role = add_role = CONFIGURE
    change_role = delete_role = None
    list_display = ("name", "start", "role", "state", "created_by", "last_used_at", "expires_at")
    list_select_related = ("created_by",)
    search_fields = ("name", "prefix")
    ordering = ("-pk",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("name", "start", "role", "state", "created_by", "created_at", "last_used_at")
        return (*shown, "expires_at", "revoked_at") if obj else ("name", "role", "expires_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj) if obj else ()

    @display(description="Key")
    def start(self, obj: ApiKey) -> str:
        return f"kith_{obj.prefix}_…"

    @display(
        description="State", label={"Usable": "success", "Revoked": "danger", "Expired": "warning"}
    )
    def state(self, obj: ApiKey) -> str:
        return "Usable" if obj.is_usable else "Revoked" if obj.revoked_at else "Expired"

    def service_save(
        self, request: Any, obj: Any, values: dict[str, Any], *, change: bool
    ) -> ApiKey:
        require_rank(request, values["role"])
        key, request.api_key_text = api_key_create(created_by=request.user, **values)
        return key

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> Any:
        """The one time that the key is shown: in this answer, and in no message or session."""
        context = {"key": obj, "text": request.api_key_text}
        response = render_screen(
            request, "organizations/api_key_created.html", context, title="API key created"
        )
        response["Cache-Control"] = "no-store"
        return response

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return may(request, CONFIGURE)

    @action(
        description="Revoke: programs with these keys lose access at once", permissions=["revoke"]
    )
    def revoke(self, request: Any, queryset: Any) -> None:
        count = 0
        for key in queryset:
            if may(request, Role(key.role)):
                api_key_revoke(key=key)
                count += 1
        self.message_user(request, f"{count} revoked.", messages.SUCCESS)


@admin.register(Notice, site=site)
class NoticeAdmin(ReadOnlyAdmin):
    """What members were told, and whether by mail: for who looks after the organization. Their own are on their page."""

    view_role = CONFIGURE
    list_display = ("title", "user", "state", "created_at", "read_at", "mailed_at")
    list_filter = ("tone",)
    list_select_related = ("user",)
    search_fields = ("title", "user__email")
    ordering = ("-pk",)
    actions = None
    readonly_fields = (
        "title", "text", "user", "state", "opens", "created_at", "read_at", "mailed_at",
    )  # fmt: skip
    fields = readonly_fields

    @display(description="Tone", label={"Good": "success", "Warning": "warning", "Bad": "danger"})
    def state(self, obj: Notice) -> str:
        return obj.get_tone_display()

    @display(description="Leads to")
    def opens(self, obj: Notice) -> str:
        address = get_script_prefix().rstrip("/") + obj.link
        return format_html('<a class="k-link" href="{}">{}</a>', address, obj.link)
