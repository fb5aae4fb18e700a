"""What a file is written in: found by looking, changeable by people."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from imports.reading.dialect import QUOTES, Dialect, has_header, sample_records, sniff
from imports.reading.encoding import (
    SAMPLE_BYTES,
    decode_sample,
    detect_encoding,
    known_encoding,
)
from imports.reading.errors import FileError
from imports.reading.signatures import refuse_other_formats


@dataclass(frozen=True, slots=True)
class FileFormat:
    """Everything that reading a file needs; JSON-able."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quotechar: str = '"'
    has_header: bool = True
    skip_initial_space: bool = False
    kind: str = "csv"

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoding", known_encoding(self.encoding))
        if len(self.delimiter) != 1 or self.delimiter in {"\r", "\n", "\0", self.quotechar, " "}:
            raise FileError(
                "unknown_delimiter",
                "The delimiter has to be one character: a comma, semicolon, tab or vertical bar.",
            )
        if self.quotechar not in QUOTES:
            raise FileError("unknown_quote", "The quote character has to be \" or '.")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Keys that are missing take their default, unknown ones are left out."""
        known = {name: values[name] for name in cls.__slots__ if name in values}
        return cls(**known)


def detect(
    path: Path | str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    has_header: bool | None = None,
) -> FileFormat:
    """Find out how a file is written. What people have chosen is taken as given.

    Raises FileError for a file that is empty, not text, or of another kind.
    """
    path = Path(path)
    refuse_unreadable(path)
    encoding = known_encoding(encoding) if encoding else detect_encoding(path)
    sample = decode_sample(path, encoding)
    if not sample.strip("\ufeff\0 \t\r\n\v\f"):
        raise _empty()
    dialect = sniff(sample)
    found = FileFormat(
        encoding, dialect.delimiter, dialect.quotechar, True, dialect.skip_initial_space
    )
    if delimiter:
        found = replace(found, delimiter=delimiter)
    return replace(found, has_header=_header(sample, found) if has_header is None else has_header)


def refuse_unreadable(path: Path) -> None:
    """Raise FileError for an empty file or one that is no text table at all."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if not head:
        raise _empty()
    refuse_other_formats(head)


def _header(sample: str, found: FileFormat) -> bool:
    dialect = Dialect(found.delimiter, found.quotechar, found.skip_initial_space)
    return has_header(sample_records(sample, dialect))


def _empty() -> FileError:
    return FileError("empty", "This file is empty; choose a file with a line for each contact.")
