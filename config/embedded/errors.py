"""The one exception of the embedded servers."""

from pathlib import Path

TAIL_LINES = 15


class EmbeddedError(Exception):
    """What went wrong, where, and the way out; shown to people without a traceback."""


def log_tail(path: Path) -> str:
    """The last lines of a log, indented, for an error message; empty without a log."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"\n    {line}" for line in lines[-TAIL_LINES:])
