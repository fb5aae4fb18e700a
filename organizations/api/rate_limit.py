"""How many requests a key may send in a second."""

from dataclasses import dataclass

from django.conf import settings

from organizations.api.problems import Problem
from organizations.rate_limit import use_count


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left in this second."""

    limit: int
    used: int

    def headers(self) -> dict[str, str]:
        remaining = max(self.limit - self.used, 0)
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": "1",
        }

    def check(self) -> None:
        """Raises Problem 429 when the key has had its share."""
        if self.used > self.limit:
            detail = f"This key may send {self.limit} requests a second. Try again in a second."
            errors = [{"path": "", "code": "throttled", "message": detail}]
            raise Problem(429, detail, errors=errors, headers={"Retry-After": "1"})


def allowance_take(*, key_id: int) -> Allowance | None:
    """Count a request of a key in a window of one second. None without Redis."""
    window = use_count(name=f"api:{key_id}", seconds=1)
    return Allowance(settings.API_RATE_LIMIT, window.used) if window else None
