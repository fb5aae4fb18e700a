"""The look of the product: settings of django-unfold, and the navigation that every page shows."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

Link = Callable[[HttpRequest], str]


def _to(name: str) -> Link:
    return lambda request: reverse(name)


def _is_at(*names: str) -> Callable[[HttpRequest], bool]:
    """Whether the page is below one of these."""
    return lambda request: any(request.path.startswith(reverse(name)) for name in names)


def _is_home(request: HttpRequest) -> bool:
    return request.path == reverse("home")


def _is_all_data(request: HttpRequest) -> bool:
    return request.path == reverse("admin:index")


def _may_configure(request: HttpRequest) -> bool:
    from organizations.roles import CONFIGURE, Role

    role = getattr(request, "role", None)
    return role is not None and Role(role).covers(CONFIGURE)


def _item(title: str, icon: str, name: str, *also_at: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": _to(name),
        "active": _is_at(name, *also_at),
    } | more


NAVIGATION: list[dict[str, Any]] = [
    {
        "title": None,
        "items": [
            _item("Home", "home", "home", active=_is_home),
            _item("Contacts", "group", "contacts:list", "admin:contacts_contact_changelist"),
            _item(
                "Imports",
                "upload_file",
                "imports:list",
                "admin:imports_importjob_changelist",
                "admin:imports_importmapping_changelist",
            ),
            _item(
                "Segments",
                "groups",
                "segments:list",
                "admin:segments_segment_changelist",
                "admin:segments_segmentrefresh_changelist",
                "admin:segments_segmentmembershiplog_changelist",
            ),
            _item("Exports", "download", "exports:list", "admin:imports_exportjob_changelist"),
            _item("Tags", "sell", "tags:list", "admin:tags_tag_changelist"),
            _item(
                "Custom fields",
                "dataset",
                "contacts:fields",
                "admin:contacts_customfielddefinition_changelist",
            ),
        ],
    },
    {
        "title": "Mail and relationships",
        "items": [
            _item(
                "Kinds of mail",
                "mark_email_read",
                "contacts:preference_types",
                "admin:contacts_preferencetype_changelist",
            ),
            _item(
                "Suppressions",
                "block",
                "contacts:suppressions",
                "admin:contacts_suppression_changelist",
            ),
            _item(
                "Relationships",
                "hub",
                "contacts:relationship_types",
                "admin:contacts_relationshiptype_changelist",
            ),
        ],
    },
    {
        "title": "What happened",
        "items": [
            _item(
                "Operations",
                "published_with_changes",
                "contacts:operations",
                "admin:contacts_contactoperation_changelist",
            ),
            _item("History", "history", "admin:contacts_contacthistory_changelist"),
            _item(
                "Set aside",
                "error",
                "admin:contacts_contactchange_changelist",
                permission=_may_configure,
            ),
        ],
    },
    {
        "title": "Organization",
        "items": [
            _item("Members", "badge", "admin:organizations_organizationmembership_changelist"),
            _item(
                "API keys",
                "key",
                "admin:organizations_apikey_changelist",
                permission=_may_configure,
            ),
            _item(
                "Settings",
                "settings",
                "admin:organizations_organization_changelist",
                permission=_may_configure,
            ),
            _item("All data", "database", "admin:index", active=_is_all_data),
        ],
    },
]

# The colours of the texts are lighter in the dark than unfold's, so that they reach a contrast of 4.5.
PRIMARY = {
    "50": "oklch(96.2% .018 272.314)",
    "100": "oklch(93% .034 272.788)",
    "200": "oklch(87% .065 274.039)",
    "300": "oklch(78.5% .115 274.713)",
    "400": "oklch(73% .15 275.5)",
    "500": "oklch(70.5% .165 276.5)",
    "600": "oklch(51.1% .262 276.966)",
    "700": "oklch(45.7% .24 277.023)",
    "800": "oklch(39.8% .195 277.366)",
    "900": "oklch(35.9% .144 278.697)",
    "950": "oklch(25.7% .09 281.288)",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Kith",
    "SITE_HEADER": "Kith",
    "SITE_SYMBOL": "diversity_3",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")},
    ],
    "STYLES": [lambda request: static("kith.css")],
    "SCRIPTS": [lambda request: static("kith.js")],
    "COLORS": {"primary": PRIMARY},
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": NAVIGATION},
}
