"""What a file is written in: found by looking, changeable by people."""

import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from imports.reading.dialect import QUOTES, Dialect, sample_records, sniff
from imports.reading.dialect import has_header as names_columns
from imports.reading.encoding import decode_sample, detect_encoding, known_encoding
from imports.reading.errors import FileError
from imports.reading.signatures import SIGNATURE_BYTES, container_of, empty_file

Kind = Literal["csv", "xlsx", "xls", "ods", "vcard"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)

MAX_DELIMITER: Final = 10
_NO_DELIMITER: Final = re.compile("[\r\n\0\ufdd0-\ufdef\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FileFormat:
    """Everything that reading a file needs; JSON-able.

    `kind` is that of the file, or of the `member` where the file is an archive. Encoding, delimiter and quotes mean
    something for csv only, `sheet` (one of `sheets`) for workbooks.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quotechar: str = '"'
    has_header: bool = True
    skip_initial_space: bool = False
    kind: str = "csv"
    member: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoding", known_encoding(self.encoding))
        object.__setattr__(self, "sheets", tuple(self.sheets))
        if self.quotechar not in QUOTES:
            raise FileError("unknown_quote", "The quote character has to be \" or '.")
        is_usable = (
            0 < len(self.delimiter) <= MAX_DELIMITER and self.quotechar not in self.delimiter
        )
        if not is_usable or _NO_DELIMITER.search(self.delimiter):
            raise FileError(
                "unknown_delimiter",
                f"Cells are separated by one to {MAX_DELIMITER} characters, such as a comma, a tab or "
                "||; quotes and line breaks can't be among them.",
            )

    @property
    def dialect(self) -> Dialect:
        return Dialect(self.delimiter, self.quotechar, self.skip_initial_space)

    @property
    def is_text(self) -> bool:
        """Whether encoding and delimiter mean something."""
        return self.kind == "csv"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"sheets": list(self.sheets)}

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
    """Find out how a text file is written. What people have chosen is taken as given.

    Raises FileError for a file that is empty, not text, or a container of some kind (see `conversion`).
    """
    path = Path(path)
    refuse_containers(path)
    encoding = known_encoding(encoding) if encoding else detect_encoding(path)
    sample = decode_sample(path, encoding)
    if not sample.strip("\ufeff\0 \t\r\n\v\f"):
        raise empty_file()
    dialect = sniff(sample)
    if delimiter:
        # A quote that is a delimiter is no quote.
        quotechar = '"' if dialect.quotechar in delimiter else dialect.quotechar
        dialect = Dialect(delimiter, quotechar, dialect.skip_initial_space)
    found = FileFormat(
        encoding, dialect.delimiter, dialect.quotechar, True, dialect.skip_initial_space
    )
    if has_header is None:
        has_header = names_columns(sample_records(sample, dialect))
    return replace(found, has_header=has_header)


def refuse_containers(path: Path) -> None:
    """Raise FileError for an empty file or one that is no text table as it stands."""
    with path.open("rb") as file:
        container = container_of(file.read(SIGNATURE_BYTES))
    if container != "csv":
        raise FileError("not_csv", f"This is a file of another kind ({container}), not text.")
