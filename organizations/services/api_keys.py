"""Keys of programs: `kith_<prefix>_<secret>`, of which only a hash of the secret is stored.

The secret has 256 random bits, so a plain SHA-256 can't be guessed back; a slow hash would slow every request.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from organizations.models import ApiKey, User
from organizations.roles import Role

USED_RESOLUTION = timedelta(minutes=1)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def api_key_create(
    *, name: str, role: str, created_by: User | None = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key in the organization in scope; returns it with its text, which can't be had again."""
    if role not in Role.values:
        known = ", ".join(Role.values)
        raise ValidationError({"role": f"“{role}” is no role; there are {known}."})
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey(
        name=name,
        prefix=prefix,
        hashed_secret=_hash(secret),
        role=role,
        created_by=created_by,
        expires_at=expires_at,
    )
    key.full_clean(exclude=["organization", "prefix", "hashed_secret"], validate_constraints=False)
    key.save()
    return key, f"kith_{prefix}_{secret}"


def api_key_revoke(*, key: ApiKey) -> ApiKey:
    """Make a key useless from now on; a key that is revoked already stays as it is."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())
    key.refresh_from_db()
    return key


def api_key_authenticate(*, text: str) -> ApiKey | None:
    """The usable key with this text, or None. Unscoped: it is what the scope comes from.

    Notes the use, at most once a minute.
    """
    kind, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if kind != "kith" or not prefix or not secret or "\0" in prefix:
        return None
    key = ApiKey.unscoped.select_related("organization").filter(prefix=prefix).first()
    if key is None or not secrets.compare_digest(key.hashed_secret, _hash(secret)):
        return None
    return _used(key) if key.is_usable else None


def _used(key: ApiKey) -> ApiKey:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_RESOLUTION)
    if key.last_used_at is None or key.last_used_at < now - USED_RESOLUTION:
        ApiKey.unscoped.filter(stale, pk=key.pk).update(last_used_at=now)
    return key
