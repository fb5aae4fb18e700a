"""What makes a whole file unreadable."""


class FileError(Exception):
    """A file that cannot be read. `message` says what is wrong, where, and the way out."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
