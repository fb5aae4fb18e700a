"""What every screen of an organization shares: its frame, and who may see it.

A view is decorated with `role_required(EDIT)` and ends in `render_screen(request, "x/page.html", {…}, title="Page")`;
its template extends `screen.html`. A part of a page, for htmx, is `render_part(request, "x/page.html#rows", {…})`.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from organizations.admin_site import site
from organizations.frame import local_time, with_frame_csp
from organizations.roles import Role

type View[**P] = Callable[Concatenate[Any, P], HttpResponse]


def role_required[**P](needed: Role) -> Callable[[View[P]], View[P]]:
    """Let only members with (at least) a role into a view; others get a page that says why not."""

    def decorated(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not Role(request.role).covers(needed):
                return render_forbidden(request, needed)
            return view(request, *args, **kwargs)

        return guarded

    return decorated


def may(request: Any, needed: Role) -> bool:
    """Whether the reader of a page has (at least) a role."""
    return request.role is not None and Role(request.role).covers(needed)


def render_screen(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    title: str,
    status: int = 200,
) -> HttpResponse:
    """A whole page in the product's frame, with its title (and `<h1>`, unless the template says another)."""
    frame = site.each_context(request) | {"title": title, "subtitle": None}
    with local_time(request):
        response = render(request, template, frame | dict(context or {}), status=status)
    return with_frame_csp(response)


def render_part(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A part of a page, which htmx puts into it."""
    with local_time(request):
        return render(request, template, dict(context or {}), status=status)


def render_forbidden(request: Any, needed: Role) -> HttpResponse:
    """The page for members whose role doesn't suffice: what it takes, and what they have."""
    has, takes = Role(request.role).label, needed.label
    context = {"has": has, "takes": takes}
    return render_screen(
        request, "organizations/forbidden.html", context, title="Not allowed", status=403
    )
