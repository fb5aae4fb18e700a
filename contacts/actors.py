from dataclasses import dataclass
from typing import Any

from contacts.models import Door
from organizations.models import ApiKey, User


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, and through which door."""

    door: Door
    user: User | None = None
    api_key: ApiKey | None = None

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None


SYSTEM = Actor(door=Door.SYSTEM)


def actor_of(request: Any) -> Actor:
    """Who does something on a screen."""
    return Actor(door=Door.SCREEN, user=request.user)
