"""File locks that the kernel frees when their holder dies, however it dies."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import EmbeddedError


class FileLock:
    """A lock on a file, shared or exclusive; as a context manager exclusive, and waited for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    def take(self, *, exclusive: bool, wait: bool = False) -> bool:
        """Take the lock, or change its kind. False when others have it and `wait` is off; it is then not held."""
        mode = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        try:
            fcntl.flock(self._open(), mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def _open(self) -> int:
        if self.descriptor is None:
            try:
                self.descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise EmbeddedError(
                    f"The lock {self.path} can't be opened: {error.strerror}.\n"
                    "Run as the user whom the data folder belongs to, or set KITH_DATA_DIR to a folder of your own."
                ) from error
        return self.descriptor

    def __enter__(self) -> Self:
        self.take(exclusive=True, wait=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
