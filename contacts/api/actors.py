from typing import Any

from rest_framework.request import Request

from contacts.actors import Actor
from contacts.models import Door


def api_actor(request: Request) -> Actor:
    """The program that sent a request: its key, and no user."""
    key: Any = request.auth
    return Actor(door=Door.API, api_key=key)
