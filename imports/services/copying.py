"""How long it may take to copy a file from the storage, or to it."""

from datetime import timedelta

# What takes longer, another worker begins anew.
SLOWEST_BYTES_A_SECOND = 4_000_000


def time_to_copy(size: int) -> timedelta:
    """What a lease is to be extended by before so many bytes are copied."""
    return timedelta(seconds=size // SLOWEST_BYTES_A_SECOND)
