"""The admin site: one organization's, found by `/o/<slug>/admin/`."""

from typing import Any

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class KithAdminSite(UnfoldAdminSite):
    """Django's admin in Kith's look, for members of the organization in scope."""

    site_title = site_header = "Kith"
    index_title = "Data and settings"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Members of the organization; what they may do there depends on their role."""
        return getattr(request, "organization", None) is not None and request.user.is_active

    def search(self, request: Any, app_list: Any, search_term: str) -> Any:
        raise NotImplementedError


site = KithAdminSite(name="admin")
