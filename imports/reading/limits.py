"""How large a file and its parts may be."""

from dataclasses import dataclass
from typing import Self

from imports.reading.errors import FileError


@dataclass(frozen=True, slots=True)
class Limits:
    """Going over one of them is a FileError that names the limit, the place and the way out."""

    rows: int
    columns: int
    cell_characters: int
    unpacked_bytes: int
    memory_bytes: int

    @classmethod
    def of_settings(cls) -> Self:
        # Here, so that the converter, which is given its limits, does not spend half of its start on Django.
        from django.conf import settings

        return cls(
            settings.IMPORT_MAX_ROWS,
            settings.IMPORT_MAX_COLUMNS,
            settings.IMPORT_MAX_CELL_CHARACTERS,
            settings.IMPORT_MAX_UNPACKED_BYTES,
            settings.IMPORT_MAX_CONVERSION_BYTES,
        )

    def too_many_rows(self, line: int) -> FileError:
        return FileError(
            "too_many_rows",
            f"The file has more than {self.rows:,} rows: line {line:,} is one too many. Split it.",
        )

    def too_wide(self, line: int, columns: int) -> FileError:
        return FileError(
            "too_many_columns",
            f"Line {line:,} has {columns:,} columns, more than {self.columns:,}; check the "
            "delimiter, or remove columns that are not needed.",
        )

    def cell_too_long(self, line: int) -> FileError:
        return FileError(
            "cell_too_long",
            f"A cell in line {line:,} has more than {self.cell_characters:,} characters; shorten "
            "it, or check the delimiter.",
        )

    def too_large_unpacked(self, name: str) -> FileError:
        megabytes = self.unpacked_bytes // 1024**2
        return FileError(
            "too_large",
            f"{name} is larger than {megabytes:,} MB when it is unpacked. Split it, or remove "
            "what is not needed.",
        )
