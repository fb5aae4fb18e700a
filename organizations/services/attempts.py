"""How often somebody may try a password, or ask for a new one."""

import hashlib
import math
from dataclasses import dataclass

from organizations.rate_limit import use_count, use_give_back, uses_forget


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in windows of so many seconds, which the first attempt begins."""

    name: str
    attempts: int
    seconds: int


# An office shares one address of the network, so that one may fail more often than a person.
LOGIN_BY_EMAIL = Limit("login:email", 10, 15 * 60)
LOGIN_BY_NETWORK = Limit("login:network", 100, 15 * 60)
RESET_BY_EMAIL = Limit("reset:email", 3, 60 * 60)
RESET_BY_NETWORK = Limit("reset:network", 30, 60 * 60)


class TooManyAttempts(Exception):
    """Refused until the window ends."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = math.ceil(seconds / 60)
        wait = "in a minute" if minutes == 1 else f"in {minutes} minutes"
        super().__init__(f"Too many attempts. Try again {wait}.")


def attempt_take(*, limit: Limit, who: str) -> None:
    """Count an attempt of somebody (an e-mail address, a network). Raises TooManyAttempts beyond the limit.

    Call it before anything is looked at, so that many attempts at once are no way around it. Who is unknown (an empty
    `who`) is not counted.
    """
    window = use_count(name=_name(limit, who), seconds=limit.seconds) if who else None
    if window and window.used > limit.attempts:
        raise TooManyAttempts(window.seconds_left)


def attempt_give_back(*, limit: Limit, who: str) -> None:
    """Not to count the last attempt after all: it was a good one."""
    if who:
        use_give_back(name=_name(limit, who), seconds=limit.seconds)


def attempts_forget(*, limit: Limit, who: str) -> None:
    """Not to count any attempt of somebody who has shown who they are."""
    uses_forget(name=_name(limit, who))


def _name(limit: Limit, who: str) -> str:
    """Hashed: no address of a person is kept in Redis. Spelt as accounts are found (`User.get_by_natural_key`)."""
    digest = hashlib.sha256(who.strip().lower().encode()).hexdigest()
    return f"{limit.name}:{digest}"
