"""Making a table of what is none yet, once, in a process of its own (ADR 7)."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from imports.reading.errors import FileError, damaged
from imports.reading.limits import Limits
from imports.reading.signatures import SIGNATURE_BYTES, container_of

log = structlog.get_logger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
_COMMAND: Final = (sys.executable, "-X", "utf8", "-m", "imports.reading.converter")
# Beyond its processor time: for a machine that has a lot to do.
_PATIENCE_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Conversion:
    """A table that was made: what of, where it is, and the sheets that could be read instead.

    `kind` csv is text as it was in an archive; all others are CSV of our own (`rows._converted_rows`).
    """

    kind: str
    path: Path
    member: str
    sheet: str
    sheets: tuple[str, ...]


def needs_conversion(path: Path) -> bool:
    """Whether a file is anything but text with a line for each record. Raises FileError for what holds no table."""
    with path.open("rb") as file:
        return container_of(file.read(SIGNATURE_BYTES)) != "csv"


def convert(path: Path, folder: Path, *, sheet: str | None = None) -> Conversion:
    """Make a table in `folder` of an archive, a workbook (of one sheet) or an address book.

    Raises FileError for what can't be read, goes over a limit, or takes more than its size allows.
    """
    order = {
        "path": str(path),
        "folder": str(folder),
        "sheet": sheet,
        "limits": asdict(Limits.of_settings()),
    }
    answer = _answer(order)
    if "code" in answer:
        raise FileError(answer["code"], answer["message"])
    return Conversion(
        answer["kind"],
        folder / answer["file"],
        answer["member"],
        answer["sheet"],
        tuple(answer["sheets"]),
    )


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    """What the other process says. It knows no secrets of this one, and may die of the file."""
    try:
        done = subprocess.run(
            _COMMAND,
            input=json.dumps(order),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            cwd=_ROOT,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_heavy() from None
    if done.returncode == 0:
        return json.loads(done.stdout)
    log.warning("conversion_died", code=done.returncode, reason=done.stderr[-500:])
    raise _too_heavy() if _is_exhausted(done) else damaged()


def _is_exhausted(done: subprocess.CompletedProcess[str]) -> bool:
    """Killed by its limits, or out of memory in Python; anything else is an error in the reader."""
    return done.returncode < 0 or "MemoryError" in done.stderr


def _too_heavy() -> FileError:
    return FileError(
        "too_heavy",
        "Reading this file takes far more memory or time than a file of its size should. Save the "
        "sheet with the contacts as CSV (UTF-8), and choose that file.",
    )
