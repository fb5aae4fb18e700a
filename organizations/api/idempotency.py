"""`Idempotency-Key`: a POST that is sent again has its effect once, and the same answer.

The answer is kept for a day under the API key, the address and the Idempotency-Key, with a hash of the body, by the
transaction that wrote what it tells of: after a crash there are both or neither. Only success is kept: what failed
has written nothing, and may be tried again with the same key.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone

from organizations.api.problems import Problem
from organizations.locks import LockSpace, try_lock_name
from organizations.models import KeptAnswer
from organizations.services.kept_answers import KEPT

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
KEPT_HEADERS = ("Content-Type", "Location")
GetResponse = Callable[[HttpRequest], HttpResponse]


def respond_once(
    request: HttpRequest, *, api_key_id: int, get_response: GetResponse
) -> HttpResponse:
    """The answer to a request, or that of the earlier one with its Idempotency-Key.

    Raises Problem: 409 while the earlier one is under way, 422 when its body was another.
    """
    name = request.headers.get(HEADER)
    if request.method != "POST" or name is None:
        return get_response(request)
    place, digest = _place(request, api_key_id, _checked(name)), _digest(request)
    with transaction.atomic():
        if not try_lock_name(LockSpace.ANSWERS, place):
            raise _under_way()
        kept = KeptAnswer.objects.filter(api_key_id=api_key_id, place=place).first()
        if kept is not None and kept.created_at > timezone.now() - KEPT:
            return _again(kept, digest)
        response = get_response(request)
        if response.status_code >= 300 or response.streaming:
            transaction.set_rollback(True)
        else:
            _keep(response, api_key_id=api_key_id, place=place, digest=digest)
    return response


def _checked(name: str) -> str:
    if not name.strip() or len(name) > MAX_LENGTH:
        message = f"An Idempotency-Key has 1 to {MAX_LENGTH} characters, such as a UUID."
        raise Problem(400, message, errors=[_error("invalid", message)])
    return name


def _error(code: str, message: str) -> dict[str, str]:
    return {"path": HEADER, "code": code, "message": message}


def _place(request: HttpRequest, api_key_id: int, name: str) -> str:
    return hashlib.sha256(f"{api_key_id}\n{request.get_full_path()}\n{name}".encode()).hexdigest()


def _digest(request: HttpRequest) -> str:
    """A hash of the body; of a form the parts, since its boundary differs each time."""
    digest = hashlib.sha256()
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.hexdigest()
    try:
        fields, files = request.POST, request.FILES
    except MultiPartParserError as error:
        raise Problem(400, f"The form can't be read: {error}") from error
    digest.update(json.dumps(sorted(fields.lists())).encode())
    for name, parts in sorted(files.lists()):
        for part in parts:
            _update_with_file(digest, name, part)
    return digest.hexdigest()


def _update_with_file(digest: Any, name: str, part: Any) -> None:
    digest.update(json.dumps([name, part.name, part.size]).encode())
    for chunk in part.chunks():
        digest.update(chunk)
    part.seek(0)


def _keep(response: HttpResponse, *, api_key_id: int, place: str, digest: str) -> None:
    """Keep an answer; one that is there is older than a day."""
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    KeptAnswer.objects.update_or_create(
        api_key_id=api_key_id,
        place=place,
        defaults={
            "digest": digest,
            "status": response.status_code,
            "headers": headers,
            "body": response.content,
            "created_at": timezone.now(),
        },
    )


def _again(kept: KeptAnswer, digest: str) -> HttpResponse:
    if kept.digest != digest:
        message = "This Idempotency-Key was used for a request with another body. Use a new one."
        raise Problem(422, message, errors=[_error("reused", message)])
    headers = kept.headers | {"Idempotent-Replayed": "true"}
    return HttpResponse(bytes(kept.body), status=kept.status, headers=headers)


def _under_way() -> Problem:
    message = "The first request with this Idempotency-Key is still under way."
    errors = [_error("in_progress", message)]
    return Problem(409, message, errors=errors, headers={"Retry-After": "1"})
