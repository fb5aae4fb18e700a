"""Advisory locks of PostgreSQL, one namespace a purpose. All are freed when the transaction ends."""

from enum import IntEnum

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable


class LockSpace(IntEnum):
    CONTACTS = 1
    CHANGES = 2
    ANSWERS = 3
    RETENTION = 4
    SEGMENTS = 5
    VIEWS = 6
    ENGAGEMENT = 7


def lock_organization(space: LockSpace, organization_id: int) -> None:
    """Wait for, and hold until the end of the transaction, an organization's lock."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [int(space), organization_id])


def try_lock_organization(space: LockSpace, organization_id: int) -> bool:
    """As lock_organization, but give up at once when somebody holds it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [int(space), organization_id])
        return bool(cursor.fetchone()[0])


def lock_organization_within(space: LockSpace, organization_id: int, *, seconds: int) -> bool:
    """As lock_organization, but give up when somebody has held it for so long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [f"{seconds}s"])
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [int(space), organization_id])
            cursor.execute("set local lock_timeout to default")
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return False
    return True


def try_lock_name(space: LockSpace, name: str) -> bool:
    """Hold a lock named by any text until the end of the transaction; False at once when somebody holds it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, hashtext(%s))", [int(space), name])
        return bool(cursor.fetchone()[0])
