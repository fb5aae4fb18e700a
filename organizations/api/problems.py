"""Every error under /api/ as RFC 9457 `application/problem+json`.

`{type, title, status, detail, errors: [{path, code, message}]}`: the path is dotted (`contacts.3.email`), empty for
what is not about one place; the code is stable and for programs, the message is for people.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import redis
from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from organizations.constraints import constraint_error

CONTENT_TYPE = "application/problem+json"
# What is asked for is fine, but not in the state that its object is in now.
CONFLICTS = frozenset({"wrong_status", "not_undoable", "in_use"})
Error = dict[str, str]


class Problem(Exception):
    """Ends a request with a problem, also outside of a view."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: list[Error] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors or []
        self.headers = dict(headers or {})


def problem_document(status: int, detail: str, errors: list[Error] | None = None) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }


def as_response(problem: Problem) -> HttpResponse:
    """The problem as a plain Django response, for middlewares."""
    document = problem_document(problem.status, problem.detail, problem.errors)
    return JsonResponse(
        document, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE
    )


def problem_response(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for what nobody expected: Django logs that, and the middleware hides it."""
    problem = _problem(exception)
    if problem is None:
        return None
    set_rollback()
    document = problem_document(problem.status, problem.detail, problem.errors)
    return Response(
        document, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE
    )


def _problem(exception: Exception) -> Problem | None:
    match exception:
        case Problem():
            return exception
        case exceptions.ValidationError():
            return _invalid(list(_of_detail(exception.get_full_details())))
        case exceptions.APIException():
            return _of_api_exception(exception)
        case DjangoValidationError():
            return _invalid(validation_errors(exception))
        case Http404() | ObjectDoesNotExist():
            return Problem(404, "There is nothing at this address, or it is not yours to see.")
        case PermissionDenied():
            return Problem(403, "You may not do this.")
        case IntegrityError():
            error = constraint_error(exception)
            return _invalid(validation_errors(error)) if error else None
        case redis.ConnectionError() | redis.TimeoutError():
            return Problem(503, "Try again in a moment.", headers={"Retry-After": "5"})
    return None


def _invalid(errors: list[Error]) -> Problem:
    is_conflict = bool(errors) and {error["code"] for error in errors} <= CONFLICTS
    detail = " ".join(dict.fromkeys(error["message"] for error in errors[:3]))
    return Problem(409 if is_conflict else 400, detail, errors=errors)


def _of_api_exception(exception: exceptions.APIException) -> Problem:
    headers = {}
    if getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = exception.auth_header  # type: ignore[attr-defined]
    detail = str(exception.detail)
    errors = [{"path": "", "code": str(exception.get_codes()), "message": detail}]
    return Problem(exception.status_code, detail, errors=errors, headers=headers)


def _of_detail(detail: Any, path: tuple[str, ...] = ()) -> Iterator[Error]:
    """The errors in DRF's tree of details."""
    if isinstance(detail, Mapping) and set(detail) == {"message", "code"} and _is_leaf(detail):
        yield {"path": ".".join(path), "code": detail["code"], "message": str(detail["message"])}
    elif isinstance(detail, Mapping):
        for name, part in detail.items():
            is_field = name != api_settings.NON_FIELD_ERRORS_KEY
            yield from _of_detail(part, (*path, str(name)) if is_field else path)
    else:
        is_leaves = all(_is_leaf(part) for part in detail)
        for number, part in enumerate(detail):
            yield from _of_detail(part, path if is_leaves else (*path, str(number)))


def _is_leaf(detail: Any) -> bool:
    return isinstance(detail, Mapping) and isinstance(detail.get("code"), str)


def validation_errors(error: DjangoValidationError, prefix: str = "") -> list[Error]:
    """The errors of Django's ValidationError, with the paths that services give them."""
    if hasattr(error, "error_dict"):
        found = [(name, each) for name, part in error.error_dict.items() for each in part]
    else:
        found = [("", each) for each in error.error_list]
    return [
        {
            "path": _joined(prefix, "" if name == NON_FIELD_ERRORS else name),
            "code": each.code or "invalid",
            "message": " ".join(each.messages),
        }
        for name, each in found
    ]


def _joined(prefix: str, name: str) -> str:
    return ".".join(part for part in (prefix, name) if part)
