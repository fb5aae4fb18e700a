"""The files of ../shared/data, which nobody here wrote; tests skip, by name, without them."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_file(name: str) -> Path:
    """The path of one shared file; skips the test where it is not there."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not here")
    return path


def shared_names(*patterns: str) -> list[str]:
    """Names of the shared files that match, for parametrize; one stand-in that skips without them."""
    found = sorted(
        str(path.relative_to(FOLDER))
        for pattern in patterns
        for path in FOLDER.glob(pattern)
        if path.is_file()
    )
    return found or list(patterns)
