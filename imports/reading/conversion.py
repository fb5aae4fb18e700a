"""Making a table of what is none yet, once, in a process of its own (ADR 7)."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from imports.reading.errors import FileError, damaged
from imports.reading.limits import Limits
from imports.reading.signatures import SIGNATURE_BYTES, container_of
from organizations.parent_death import dying_with_parent

log = structlog.get_logger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
_COMMAND: Final = (sys.executable, "-X", "utf8", "-m", "imports.reading.converter")
# Beyond its processor time: for a machine that has a lot to do.
_PATIENCE_SECONDS: Final = 480.0
_SECONDS_BETWEEN_LOOKS: Final = 1.0

# Told how many rows are written, and of how many; 0 where that is not known.
Watch = Callable[[int, int], None]


class OutOfTime(FileError):
    """The table was not made in the time that it was given."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A table that was made: what of, where it is, the sheets that could be read instead, and its rows.

    `kind` csv is text as it was in an archive; all others are CSV of our own (`rows._converted_rows`).
    """

    kind: str
    path: Path
    member: str
    sheet: str
    sheets: tuple[str, ...]
    rows: int


def needs_conversion(path: Path) -> bool:
    """Whether a file is anything but text with a line for each record. Raises FileError for what holds no table."""
    with path.open("rb") as file:
        return container_of(file.read(SIGNATURE_BYTES)) != "csv"


def convert(
    path: Path,
    folder: Path,
    *,
    sheet: str | None = None,
    seconds: float = _PATIENCE_SECONDS,
    watch: Watch = lambda done, total: None,
) -> Conversion:
    """Make a table in `folder` of an archive, a workbook (of one sheet) or an address book.

    `watch` is called about once a second meanwhile; what it raises ends the conversion. Raises FileError for what
    can't be read, goes over a limit, or takes more than its size allows; OutOfTime after `seconds`.
    """
    progress = folder / "progress"
    order = {
        "path": str(path),
        "folder": str(folder),
        "progress": str(progress),
        "sheet": sheet,
        "limits": asdict(Limits.of_settings()),
    }
    answer = _answer(order, seconds, lambda: watch(*_noted(progress)))
    if "code" in answer:
        raise FileError(answer["code"], answer["message"])
    return Conversion(
        answer["kind"],
        folder / answer["file"],
        answer["member"],
        answer["sheet"],
        tuple(answer["sheets"]),
        answer["rows"],
    )


def _noted(progress: Path) -> tuple[int, int]:
    """How far the other process says that it is."""
    try:
        done, total = progress.read_text().split()
        return int(done), int(total)
    except FileNotFoundError:
        return 0, 0


def _answer(order: dict[str, Any], seconds: float, watch: Callable[[], None]) -> dict[str, Any]:
    """What the other process says. It knows no secrets of this one, and may die of the file."""
    with subprocess.Popen(
        dying_with_parent(_COMMAND),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        cwd=_ROOT,
        env={},
    ) as process:
        try:
            said, complaint = _heard(process, json.dumps(order), seconds, watch)
        except BaseException:
            process.kill()
            raise
    if process.returncode == 0:
        return json.loads(said)
    log.warning("conversion_died", code=process.returncode, reason=complaint[-500:])
    raise _too_heavy() if _is_exhausted(process.returncode, complaint) else damaged()


def _heard(
    process: subprocess.Popen[str], order: str, seconds: float, watch: Callable[[], None]
) -> tuple[str, str]:
    ends = time.monotonic() + seconds
    unsent: str | None = order
    while time.monotonic() < ends:
        try:
            return process.communicate(unsent, timeout=_SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            # What was heard so far is not lost, and what is still to be sent is known.
            unsent = None
            watch()
    too_heavy = _too_heavy()
    raise OutOfTime(too_heavy.code, too_heavy.message)


def _is_exhausted(code: int, complaint: str) -> bool:
    """Killed by its limits, or out of memory in Python; anything else is an error in the reader."""
    return code < 0 or "MemoryError" in complaint


def _too_heavy() -> FileError:
    return FileError(
        "too_heavy",
        "Reading this file takes far more memory or time than a file of its size should. Save the "
        "sheet with the contacts as CSV (UTF-8), and choose that file.",
    )
