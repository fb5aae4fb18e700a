"""Which organization a request is about: from `/o/<slug>/` for people, from the key for programs."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix

from organizations.constraints import constraint_error
from organizations.frame import local_time
from organizations.scope import organization_scope
from organizations.screens import render_screen
from organizations.selectors.access import membership_of

PREFIX = re.compile(r"^(?P<prefix>/o/(?P<slug>[a-z0-9-]+))(?P<rest>/.*)$")


class OrganizationMiddleware:
    """Takes `/o/<slug>` off the path as script name, so that reverse() keeps it and two tabs can't mix.

    The request gets `organization`, `membership` and `role`, and runs in the organization's scope and by its clocks. Who
    is no member gets 404, as for an organization that doesn't exist; who isn't logged in is asked to.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.organization = request.membership = request.role = None
        match = PREFIX.match(request.path_info)
        if match is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return self._in_organization(request, match)

    def _in_organization(self, request: Any, match: re.Match[str]) -> HttpResponse:
        membership = membership_of(user=request.user, slug=match["slug"])
        request.urlconf = settings.ORGANIZATION_URLCONF
        outer = get_script_prefix()
        request.path_info = match["rest"]
        request.META["SCRIPT_NAME"] = outer.rstrip("/") + match["prefix"]
        set_script_prefix(request.META["SCRIPT_NAME"] + "/")
        try:
            if membership is None:
                return self._unknown(request)
            request.organization, request.membership = membership.organization, membership
            request.role = membership.role
            with organization_scope(membership.organization_id), local_time(request):
                return self.get_response(request)
        finally:
            set_script_prefix(outer)

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Two people did the same at once, and no form caught it: say what is in the way, not that something broke."""
        is_screen = request.organization is not None and request.membership is not None
        told = constraint_error(exception) if isinstance(exception, IntegrityError) else None
        if told is None or not is_screen:
            return None
        context = {"message": " ".join(told.messages)}
        return render_screen(
            request, "organizations/conflict.html", context, title="Not saved", status=409
        )

    def _unknown(self, request: Any) -> HttpResponse:
        from django.core.handlers.exception import response_for_exception

        request.urlconf = None
        set_script_prefix("/")
        return response_for_exception(request, Http404("No such organization."))
