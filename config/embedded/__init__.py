"""PostgreSQL and Redis without anything installed: real servers from wheels, in a data folder.

`ensure()` is what others call. Servers are shared by all processes of a data folder, which hold `users.lock`
together; whoever leaves last stops them. Starting and stopping happen under `start.lock`, one process at a time.
"""

import atexit
import contextlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from .errors import EmbeddedError
from .layout import Layout, data_dir, made_layout, planned_layout
from .locks import FileLock
from .postgres_server import DATABASE, PORT, USER, PostgresServer
from .redis_server import RedisServer

__all__ = [
    "EmbeddedError",
    "Layout",
    "announce",
    "data_dir",
    "ensure",
    "leave",
    "secret_key",
    "start",
    "stop",
    "urls",
]

VARIABLES = ("DATABASE_URL", "REDIS_URL")


@dataclass
class _Process:
    """What this process has done so far."""

    announced: set[str] = field(default_factory=set)
    users: FileLock | None = None
    layout: Layout | None = None
    pid: int = 0


_this = _Process()


def ensure() -> None:
    """Start or join the embedded servers for whichever of DATABASE_URL and REDIS_URL is unset, and set it.

    They stay up as long as this process lives; the last one to leave stops them. Children inherit the variables
    and start nothing. Raises EmbeddedError.
    """
    missing = _missing()
    if not missing:
        return
    layout = made_layout()
    _join(layout, missing)
    _set_environment(layout, missing)


def announce(*, make_folders: bool) -> None:
    """Set the addresses that `ensure` would set, and start nothing: for commands that connect later, or never.

    Without `make_folders` nothing is written to the disk.
    """
    missing = _missing()
    if missing:
        _set_environment(made_layout() if make_folders else planned_layout(), missing)
        _this.announced |= missing


def urls() -> dict[str, str]:
    """DATABASE_URL and REDIS_URL of the embedded servers. Raises EmbeddedError when they don't run."""
    layout = planned_layout()
    if not (PostgresServer(layout).is_running() and RedisServer(layout).is_running()):
        raise EmbeddedError(
            f"The embedded servers of {layout.data} are not running.\n"
            "Start them with `python manage.py embedded start`, or `make up`."
        )
    return _urls(layout)


def start() -> None:
    """Start both servers and leave them running until `stop`, whoever uses them in between."""
    layout = made_layout()
    with _starting(layout):
        layout.make_server_folders()
        PostgresServer(layout).start()
        RedisServer(layout).start()
        _keep_flag(layout).touch()


def stop() -> None:
    """Stop both servers. Raises EmbeddedError while somebody uses them."""
    layout = planned_layout()
    if not layout.data.is_dir():
        return
    with _starting(layout):
        if not _users(layout).take(exclusive=True):
            raise EmbeddedError(
                f"The embedded servers of {layout.data} are in use: `make up` or another command still runs.\n"
                "End it first, then stop them again."
            )
        _stop_servers(layout)


def leave() -> None:
    """Stop using the servers, and stop them unless others use them or `start` asked to keep them. Runs at exit."""
    users, _this.users = _this.users, None
    layout = _this.layout
    if users is None or layout is None or _this.pid != os.getpid() or not layout.data.is_dir():
        return
    with _undisturbed(), _starting(layout):
        if users.take(exclusive=True) and not _keep_flag(layout).exists():
            _stop_servers(layout)
        users.release()


def secret_key() -> str:
    """The key of this data folder, made at its first use; while nothing may be written, one for this process only."""
    path = data_dir() / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        key = secrets.token_urlsafe(48)
    if not _this.announced or path.parent.is_dir():
        key = _keep_key(path, key)
    return key


def _keep_key(path: Path, key: str) -> str:
    """Write the key to a neighbour and link it in place: two processes agree, and none reads half a key."""
    layout = made_layout()
    neighbour = path.with_name(f"secret_key.{os.getpid()}")
    with _starting(layout):
        neighbour.unlink(missing_ok=True)
        with open(os.open(neighbour, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
        with contextlib.suppress(FileExistsError):
            os.link(neighbour, path)
        neighbour.unlink()
    return path.read_text()


def _missing() -> set[str]:
    return {name for name in VARIABLES if not os.environ.get(name) or name in _this.announced}


def _set_environment(layout: Layout, missing: set[str]) -> None:
    os.environ |= {name: url for name, url in _urls(layout).items() if name in missing}
    os.environ |= {"KITH_EMBEDDED": "1", "KITH_DATA_DIR": str(layout.data)}


def _urls(layout: Layout) -> dict[str, str]:
    """The socket's folder is a parameter: libpq decodes it as a host too, django-environ does not."""
    return {
        "DATABASE_URL": f"postgresql://{USER}@:{PORT}/{DATABASE}?host={quote(str(layout.run))}",
        "REDIS_URL": f"unix://{quote(str(layout.redis_socket))}?db=0",
    }


def _join(layout: Layout, missing: set[str]) -> None:
    with _starting(layout):
        layout.make_server_folders()
        _this.users, _this.layout, _this.pid = _users(layout), layout, os.getpid()
        _this.users.take(exclusive=False, wait=True)
        atexit.register(leave)
        _this.announced -= missing
        _start_servers(layout, missing)


def _start_servers(layout: Layout, missing: set[str]) -> None:
    postgres, redis = PostgresServer(layout), RedisServer(layout)
    if not (postgres.is_running() or redis.is_running()):
        _keep_flag(layout).unlink(missing_ok=True)
    if not postgres.marker.exists() and "DATABASE_URL" in missing:
        sys.stderr.write(f"Making an embedded PostgreSQL and Redis in {layout.servers} (once)…\n")
        sys.stderr.flush()
    if "DATABASE_URL" in missing:
        postgres.start()
    if "REDIS_URL" in missing:
        redis.start()


def _stop_servers(layout: Layout) -> None:
    PostgresServer(layout).stop()
    RedisServer(layout).stop()
    _keep_flag(layout).unlink(missing_ok=True)


def _starting(layout: Layout) -> FileLock:
    return FileLock(layout.data / "start.lock")


def _users(layout: Layout) -> FileLock:
    return FileLock(layout.data / "users.lock")


def _keep_flag(layout: Layout) -> Path:
    return layout.data / "keep_running"


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C must not leave a server behind that is just stopping."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler or signal.SIG_DFL)
