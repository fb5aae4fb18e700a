from typing import Any

from contacts.actors import Actor
from contacts.models import Door


def admin_actor(request: Any) -> Actor:
    return Actor(door=Door.ADMIN, user=request.user)
