"""What makes a whole file unreadable."""


class FileError(Exception):
    """A file that cannot be read. `message` says what is wrong, where, and the way out."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def damaged() -> FileError:
    return FileError(
        "damaged",
        "This file is damaged, or was not copied whole: what is in it can't be read. Open it in "
        "the program that it came from and save it again, as .xlsx or CSV (UTF-8).",
    )


def encrypted() -> FileError:
    return FileError(
        "encrypted",
        "This file is protected by a password; save it without one, or as CSV (UTF-8).",
    )
