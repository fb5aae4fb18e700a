"""The user whom the servers run as: oneself, or as root an unprivileged one."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedError

# Nothing of the caller's environment may change how a database is made or run.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}
NOBODY = 65534


@dataclass(frozen=True)
class Account:
    """A user of the system."""

    uid: int
    gid: int
    name: str

    def run(
        self, *command: str | Path, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user to its end, with nothing of it on the terminal. Does not raise on failure."""
        return subprocess.run(
            [str(part) for part in command],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            **self._identity(),
        )

    def run_logged(self, *command: str | Path, log: Path) -> bool:
        """Run a command with its output to a file that this user owns: a daemon would keep a pipe open. True on success."""
        return self.run("/bin/sh", "-c", 'exec "$@" >"$0" 2>&1', log, *command).returncode == 0

    def write(self, path: Path, text: str) -> bool:
        """Write a file as this user, so that a link planted in their folder can't lead root elsewhere."""
        return self.run("/bin/sh", "-c", 'cat >"$1"', "sh", path, stdin=text).returncode == 0

    def can_enter(self, folder: Path) -> bool:
        return self.run("/bin/sh", "-c", 'cd "$1"', "sh", folder).returncode == 0

    def can_run(self, program: Path) -> bool:
        try:
            return self.run(program, "--version").returncode == 0
        except OSError:
            return False

    def _identity(self) -> dict[str, Any]:
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def account_of(uid: int) -> Account:
    """The account with that id, also when the system has no name for it."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(uid, uid, str(uid))
    return Account(uid, entry.pw_gid, entry.pw_name)


def server_account(postgres_folder: Path) -> Account:
    """Who runs the servers: oneself; as root the owner of an existing database, else nobody.

    Raises EmbeddedError when the database belongs to somebody whom we can't become.
    """
    me = os.geteuid()
    owner = _owner(postgres_folder)
    if me == 0:
        return account_of(owner) if owner else _nobody()
    if owner not in (None, me):
        raise EmbeddedError(
            f"The database in {postgres_folder} belongs to the user {account_of(owner or 0).name}.\n"
            "Run as root or as that user, or set KITH_DATA_DIR to a folder of your own."
        )
    return account_of(me)


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except OSError:
        return None


def _nobody() -> Account:
    try:
        return account_of(pwd.getpwnam("nobody").pw_uid)
    except KeyError:
        return Account(NOBODY, NOBODY, "nobody")
