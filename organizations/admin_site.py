"""The admin site: one organization's, found by `/o/<slug>/admin/`."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from unfold.sites import UnfoldAdminSite

from organizations.frame import local_time, with_frame_csp
from organizations.palette import SearchHit, find, find_actions
from organizations.roles import Role


class KithAdminSite(UnfoldAdminSite):
    """Django's admin in Kith's look, for members of the organization in scope."""

    site_title = site_header = "Kith"
    index_title = "All data"
    enable_nav_sidebar = True

    def has_permission(self, request: Any) -> bool:
        """Members of the organization; what they may do there depends on their role."""
        return getattr(request, "organization", None) is not None and request.user.is_active

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = inner(request, *args, **kwargs)
            if not getattr(response, "is_rendered", True):
                with local_time(request):
                    response.render()
            return with_frame_csp(response)

        return allowed

    def get_urls(self) -> Any:
        """Without Django's jump to any row by its content type: nothing here uses it."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def login(self, request: Any, extra_context: Any = None) -> Any:
        return redirect("home")

    def logout(self, request: Any, extra_context: Any = None) -> Any:
        return redirect("home")

    def search(self, request: Any, extra_context: Any = None) -> Any:
        """The palette: pages by their name, what may be begun, then what the finders find."""
        term = request.GET.get("s", "").replace("\0", "").strip()[:200]
        if not term:
            return HttpResponse()
        actions = find_actions(text=term, role=Role(request.role))
        results = self._pages(request, term) + actions + find(text=term)
        context = {"results": results[:10], "search_term": term}
        return render(request, "unfold/helpers/command_results.html", context)

    def _pages(self, request: Any, term: str) -> list[SearchHit]:
        groups = self.get_sidebar_list(request)
        items = [item for group in groups for item in group["items"] if item["has_permission"]]
        return [
            SearchHit(item["title"], "Page", str(item["link_callback"]), item["icon"])
            for item in items
            if item["title"].lower().startswith(term.lower())
        ]


site = KithAdminSite(name="admin")
