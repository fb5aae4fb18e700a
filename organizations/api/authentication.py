"""`Authorization: Bearer kith_…`: the key that the middleware has found becomes DRF's authentication."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from organizations.models import ApiKey

SCHEME = "bearer"


@dataclass(frozen=True, slots=True)
class Program:
    """Who a request is from: no user, a program with a key."""

    key: ApiKey
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True

    @property
    def pk(self) -> None:
        return None

    def __str__(self) -> str:
        return str(self.key)


class ApiKeyAuthentication(BaseAuthentication):
    """Takes the key from the request (`organizations.api.middleware`), so that its scope spans the whole of it."""

    def authenticate(self, request: Request) -> tuple[Program, ApiKey] | None:
        key = getattr(request._request, "api_key", None)
        if key is not None:
            return Program(key), key
        if request.headers.get("Authorization"):
            raise AuthenticationFailed(
                "This API key is not valid: it is unknown, revoked or has expired. "
                "Send “Authorization: Bearer kith_…”."
            )
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": SCHEME, "description": "An API key: kith_…"}
