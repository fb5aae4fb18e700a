"""What holds for every operation of the API, put into its schema once."""

from typing import Any

from organizations.api.idempotency import HEADER
from organizations.api.problems import CONTENT_TYPE

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `path` in errors is dotted, such as contacts.3.email.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "properties": {
                    "path": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
RATE_LIMIT_HEADERS = {
    "RateLimit-Limit": "Requests that the key may send in a second.",
    "RateLimit-Remaining": "Those that are left in this second.",
    "RateLimit-Reset": "Seconds until the next.",
}
METHODS = ("get", "post", "put", "patch", "delete")


def describe_conventions(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Problem documents as the answer to whatever goes wrong, rate limit headers, and Idempotency-Key on POST."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    for path in result["paths"].values():
        for method in METHODS:
            if method in path:
                _describe(path[method], is_post=method == "post")
    return result


def _describe(operation: dict[str, Any], *, is_post: bool) -> None:
    headers = {
        name: {"description": text, "schema": {"type": "integer"}}
        for name, text in RATE_LIMIT_HEADERS.items()
    }
    for response in operation["responses"].values():
        response["headers"] = response.get("headers", {}) | headers
    operation["responses"]["default"] = {
        "description": "An error.",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if is_post:
        operation.setdefault("parameters", []).append(
            {
                "name": HEADER,
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 255},
                "description": "Such as a UUID. The same request with the same key has its effect once.",
            }
        )
