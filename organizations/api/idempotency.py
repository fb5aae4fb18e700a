"""`Idempotency-Key`: a POST that is sent again has its effect once, and the same answer.

The answer is kept for a day under the API key, the address and the Idempotency-Key, with a hash of the body. Only
success is kept: what failed has written nothing, and may be tried again with the same key.
"""

import hashlib
import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from organizations.api.problems import Problem
from organizations.redis import redis_connection

HEADER = "Idempotency-Key"
KEPT_SECONDS = 24 * 3600
# As long as a request may take; a server that dies in one frees its key after that.
RUNNING_SECONDS = 300
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
    slot = _slot(request, api_key_id, _checked(name))
    digest = _digest(request)
    running = json.dumps({"digest": digest})
    if redis_connection().set(slot, running, nx=True, ex=RUNNING_SECONDS):
        return _respond_first(request, slot, digest, get_response)
    return _respond_again(slot, digest)


def _checked(name: str) -> str:
    if not name.strip() or len(name) > MAX_LENGTH:
        message = f"An Idempotency-Key has 1 to {MAX_LENGTH} characters, such as a UUID."
        raise Problem(400, message, errors=[_error("invalid", message)])
    return name


def _error(code: str, message: str) -> dict[str, str]:
    return {"path": HEADER, "code": code, "message": message}


def _slot(request: HttpRequest, api_key_id: int, name: str) -> str:
    place = hashlib.sha256(f"{request.get_full_path()}\n{name}".encode()).hexdigest()
    return f"kith:idempotency:{api_key_id}:{place}"


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


def _respond_first(
    request: HttpRequest, slot: str, digest: str, get_response: GetResponse
) -> HttpResponse:
    response = None
    try:
        response = get_response(request)
    finally:
        if response is None or response.status_code >= 300 or response.streaming:
            redis_connection().delete(slot)
        else:
            redis_connection().set(slot, _packed(response, digest), ex=KEPT_SECONDS)
    return response


def _packed(response: HttpResponse, digest: str) -> str:
    return json.dumps(
        {
            "digest": digest,
            "status": response.status_code,
            "headers": {name: response[name] for name in KEPT_HEADERS if name in response},
            "body": b64encode(zlib.compress(response.content)).decode(),
        }
    )


def _respond_again(slot: str, digest: str) -> HttpResponse:
    kept: Any = redis_connection().get(slot)
    document: dict[str, Any] = json.loads(kept) if kept else {"digest": digest}
    if document["digest"] != digest:
        message = "This Idempotency-Key was used for a request with another body. Use a new one."
        raise Problem(422, message, errors=[_error("reused", message)])
    if "status" not in document:
        message = "The first request with this Idempotency-Key is still under way."
        errors = [_error("in_progress", message)]
        raise Problem(409, message, errors=errors, headers={"Retry-After": "1"})
    body = zlib.decompress(b64decode(document["body"]))
    headers = document["headers"] | {"Idempotent-Replayed": "true"}
    return HttpResponse(body, status=document["status"], headers=headers)
