"""Which folder holds what.

    <data>/          up.lock users.lock start.lock secret_key logs/ files/ mail/   (ours)
    <servers>/       postgres/ redis/ run/ logs/                      (the servers' user's, mode 0700)

`<servers>` is `<data>/servers`, or as root a folder in /var/lib/kith when the unprivileged user can't reach that one.
"""

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from .accounts import Account, server_account
from .errors import EmbeddedError
from .locks import FileLock

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# Uploads, exports and mails.
PEOPLES_DATA = ("files", "mail")
FALLBACK = Path("/var/lib/kith")
# A socket's address holds about 107 bytes, on macOS 104, and PostgreSQL adds a lock's name to it.
LONGEST_SOCKET = 80


@dataclass(frozen=True)
class Layout:
    """The folders of one data folder, and whom the servers run as."""

    data: Path
    servers: Path
    account: Account

    @property
    def postgres(self) -> Path:
        return self.servers / "postgres"

    @property
    def redis(self) -> Path:
        return self.servers / "redis"

    @property
    def server_logs(self) -> Path:
        return self.servers / "logs"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """The sockets' folder: in /tmp when its path is too long for a socket."""
        folder = self.servers / "run"
        if len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
            return folder
        return Path("/tmp") / f"kith-{self.account.uid}-{self.digest}"

    @property
    def redis_socket(self) -> Path:
        return self.run / "redis.sock"

    @property
    def digest(self) -> str:
        return _digest(self.servers)

    def make_server_folders(self) -> None:
        """Make the servers' own folders, mode 0700. Raises EmbeddedError when one is somebody else's."""
        for folder in (self.postgres, self.redis, self.server_logs, self.run):
            _make(folder, 0o700)
            if os.geteuid() == 0 and folder.lstat().st_uid == 0:
                os.chown(folder, self.account.uid, self.account.gid, follow_symlinks=False)
            _require_private(folder, self.account)


def data_dir() -> Path:
    """The data folder, absolute; a relative KITH_DATA_DIR starts at the project, whatever the working directory."""
    return Path(
        os.path.realpath(BASE_DIR / Path(os.environ.get("KITH_DATA_DIR") or ".data").expanduser())
    )


def planned_layout() -> Layout:
    """Where things are or would be, without making anything."""
    data = data_dir()
    servers = _remembered(data) or data / "servers"
    return Layout(data, servers, server_account(servers / "postgres"))


def made_layout() -> Layout:
    """The layout with its folders made. Raises EmbeddedError when they can't be."""
    data = made_data_dir()
    with FileLock(data / "start.lock"):
        servers = _remembered(data) or _chosen(data)
    return Layout(data, servers, server_account(servers / "postgres"))


def made_data_dir() -> Path:
    """The data folder, made if it was missing. Raises EmbeddedError when it can't be written."""
    data = data_dir()
    _make(data, 0o711 if os.geteuid() == 0 else 0o700)
    _require_writable(data)
    _make(data / "logs", 0o700)
    for name in PEOPLES_DATA:
        _close(data / name)
    return data


def _close(folder: Path) -> None:
    """Shut the others out of a folder of ours that an earlier version has left open."""
    if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)


def _remembered(data: Path) -> Path | None:
    """The servers' folder outside of the data folder, if one was chosen before.

    Raises EmbeddedError when it has gone: an empty database in its place would look like a loss.
    """
    try:
        servers = Path((data / "servers_at").read_text().strip())
    except OSError:
        return None
    if not servers.is_dir():
        raise EmbeddedError(
            f"The servers of {data} keep their data in {servers}, which does not exist any more.\n"
            f"Bring that folder back, or delete {data / 'servers_at'} to start with an empty database."
        )
    return servers


def _chosen(data: Path) -> Path:
    servers = data / "servers"
    _make(servers, 0o711 if os.geteuid() == 0 else 0o700)
    if server_account(servers / "postgres").can_enter(servers):
        return servers
    return _fallback(data)


def _fallback(data: Path) -> Path:
    """A folder that any user can reach, remembered in the data folder; what a deleted data folder left there is set aside."""
    servers = FALLBACK / _digest(data)
    if servers.exists():
        servers.rename(servers.with_name(f"{servers.name}.old-{time.time_ns()}"))
    _make(FALLBACK, 0o755)
    _make(servers, 0o711)
    account = server_account(servers / "postgres")
    if not account.can_enter(servers):
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and the user {account.name} can reach neither {data} nor {servers}.\n"
            "Set KITH_DATA_DIR to a folder whose parents everybody may pass, for example /srv/kith."
        )
    (data / "servers_at").write_text(f"{servers}\n")
    return servers


def _make(folder: Path, mode: int) -> None:
    """Make a folder with this mode if it is missing; an existing one keeps its own."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=mode)
        folder.chmod(mode)
    except FileExistsError:
        if not folder.is_dir():
            raise _unusable(folder, "it is not a folder") from None
    except OSError as error:
        raise _unusable(folder, (error.strerror or str(error)).lower()) from error


def _require_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(folder, "permission denied")


def _unusable(folder: Path, reason: str) -> EmbeddedError:
    return EmbeddedError(
        f"The folder {folder} for the embedded servers can't be used: {reason}.\n"
        "Set KITH_DATA_DIR to a folder that you may write, or DATABASE_URL and REDIS_URL to servers of your own."
    )


def _require_private(folder: Path, account: Account) -> None:
    found = folder.lstat()
    if found.st_uid != account.uid or found.st_mode & 0o077 or folder.is_symlink():
        raise EmbeddedError(
            f"The folder {folder} must belong to the user {account.name} with mode 0700, and does not.\n"
            "Remove it if it is not yours, or set KITH_DATA_DIR to another folder."
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
