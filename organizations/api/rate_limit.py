"""How many requests a key may send in a second."""

import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from redis import RedisError

from organizations.api.problems import Problem
from organizations.redis import redis_connection

log = structlog.get_logger(__name__)


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
    """Count a request of a key in a window of one second. None without Redis: a cache's failure stops nobody."""
    name = f"kith:api-rate:{key_id}:{int(time.time())}"
    try:
        pipeline = redis_connection().pipeline(transaction=False)
        pipeline.incr(name)
        pipeline.expire(name, 5)
        used = pipeline.execute()[0]
    except RedisError:
        log.warning("api_rate_limit_unreachable", exc_info=True)
        return None
    return Allowance(settings.API_RATE_LIMIT, used)
