"""What a page in the product's frame needs: the organization's clock, and what the frame's scripts may do."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone


def local_time(request: Any) -> timezone.override:
    """Times as the clocks of the organization show them."""
    return timezone.override(request.organization.timezone)


def with_frame_csp[R: HttpResponse](response: R) -> R:
    """Allow what the frame needs: Alpine evaluates expressions."""
    response._csp_config = settings.ADMIN_CSP  # type: ignore[attr-defined]
    return response
