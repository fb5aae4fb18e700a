"""What holds for every request under /api/, whatever its view."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from redis import RedisError

from organizations.api.idempotency import respond_once
from organizations.api.problems import CONTENT_TYPE, Problem, as_response
from organizations.api.rate_limit import allowance_take
from organizations.models import ApiKey
from organizations.scope import organization_scope, scoped_stream
from organizations.services.api_keys import api_key_authenticate

PREFIX = "/api/"
DETAILS = {
    400: "The request can't be read.",
    404: "There is no such address. /api/docs/ lists those that there are.",
    500: "Something went wrong on our side; it has been noted. Nothing of this request was written.",
}


class ApiKeyMiddleware:
    """The API's shell: finds the key, enters its organization's scope for all of the request, streams included.

    Limits the rate, answers repeated POSTs with the first answer, and makes every error a problem document.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        is_api = request.path_info.startswith(PREFIX) and request.organization is None
        return self._respond(request) if is_api else self.get_response(request)

    def _respond(self, request: Any) -> HttpResponse:
        _end_with_slash(request)
        request.api_key = key = _key_of(request)
        if key is None:
            return self._guarded(request, self.get_response)
        request.organization, request.role = key.organization, key.role
        with organization_scope(key.organization_id):
            response = self._limited(request, key)
        if response.streaming:
            _stream_in_scope(response, key.organization_id)
        return response

    def _limited(self, request: Any, key: ApiKey) -> HttpResponse:
        allowance = allowance_take(key_id=key.pk)

        def respond(request: HttpRequest) -> HttpResponse:
            if allowance is not None:
                allowance.check()
            return respond_once(request, api_key_id=key.pk, get_response=self.get_response)

        response = self._guarded(request, respond)
        for name, value in (allowance.headers() if allowance else {}).items():
            response[name] = value
        return response

    def _guarded(
        self, request: Any, respond: Callable[[HttpRequest], HttpResponse]
    ) -> HttpResponse:
        try:
            return _as_problem(respond(request))
        except Problem as problem:
            return as_response(problem)
        except RequestDataTooBig:
            return as_response(Problem(413, "The request is too large: send it in parts."))
        except SuspiciousOperation:
            return as_response(Problem(400, DETAILS[400]))
        except RedisError:
            return as_response(Problem(503, "Try again in a moment.", headers={"Retry-After": "5"}))


def _stream_in_scope(response: Any, organization_id: Any) -> None:
    response.streaming_content = scoped_stream(organization_id, response.streaming_content)


def _end_with_slash(request: Any) -> None:
    """Addresses are the same without their last slash: a redirect would lose the body of a POST."""
    last = request.path_info.rpartition("/")[2]
    if last and "." not in last:
        request.path_info += "/"


def _key_of(request: HttpRequest) -> ApiKey | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return api_key_authenticate(text=text.strip()) if scheme.lower() == "bearer" else None


def _as_problem(response: HttpResponse) -> HttpResponse:
    """An error that no view of ours made (unknown address, unhandled exception) as a problem document."""
    status = response.status_code
    if status < 400 or response.get("Content-Type", "").startswith(CONTENT_TYPE):
        return response
    detail = DETAILS.get(status, response.reason_phrase)
    code = {404: "not_found", 500: "error"}.get(status, "invalid")
    return as_response(
        Problem(status, detail, errors=[{"path": "", "code": code, "message": detail}])
    )
