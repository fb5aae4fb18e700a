"""Redis with a configuration of our own, on a unix socket only, with its writes kept in a log."""

import signal
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import processes
from .errors import EmbeddedError, log_tail
from .layout import Layout
from .postgres_server import syncs
from .programs import REDIS, reachable_program

START_SECONDS = 120


class State(Enum):
    RUNNING = "running"
    BUSY = "busy"
    ABSENT = "absent"


@dataclass(frozen=True)
class RedisServer:
    layout: Layout

    @property
    def log(self) -> Path:
        return self.layout.server_logs / "redis.log"

    def is_running(self) -> bool:
        """Whether it answers."""
        return self._state() == State.RUNNING

    def start(self) -> None:
        """Return once it answers. Raises EmbeddedError with the end of the log."""
        processes.wait_until(lambda: self._state() != State.BUSY, seconds=START_SECONDS)
        if self.is_running():
            return
        self._end_leftovers()
        self._launch()

    def stop(self) -> None:
        """Stop it, whatever state it is in; what it was told is on the disk. Return when its process has gone."""
        if self._state() != State.ABSENT:
            self._shut_down()
        self._end_leftovers()

    def _client(self) -> "redis.Redis":
        # The default retries cost four seconds for each look at a server that is not there.
        return redis.Redis(
            unix_socket_path=str(self.layout.redis_socket),
            retry=Retry(NoBackoff(), 0),
            socket_timeout=5,
        )

    def _state(self) -> State:
        try:
            with self._client() as client:
                client.ping()
        except (redis.BusyLoadingError, redis.TimeoutError):
            return State.BUSY
        except (redis.RedisError, OSError):
            return State.ABSENT
        return State.RUNNING

    def _shut_down(self) -> None:
        try:
            with self._client() as client:
                client.shutdown(save=False)
        except (redis.RedisError, OSError):
            return
        processes.wait_until(lambda: not processes.living(self._is_ours), seconds=20)

    def _is_ours(self, process: psutil.Process) -> bool:
        title = " ".join(process.cmdline()).strip()
        return "redis-server" in title.split(" ", 1)[0] and str(self.layout.redis_socket) in title

    def _end_leftovers(self) -> None:
        """End a server whose socket nobody can reach: two of them on one log would spoil it."""
        steps = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
        if processes.living(self._is_ours) and not processes.end(self._is_ours, signals=steps):
            raise EmbeddedError(
                f"Redis in {self.layout.redis} neither answers nor ends. Kill it, then try again."
            )
        self.layout.redis_socket.unlink(missing_ok=True)

    def _launch(self) -> None:
        program = reachable_program(REDIS, self.layout.account, self.layout.servers)
        output = self.layout.server_logs / "redis-start.log"
        started = self.layout.account.run_logged(program, *self._options(), log=output)
        if (
            started
            and processes.wait_until(self._is_settled, seconds=START_SECONDS)
            and self.is_running()
        ):
            return
        raise EmbeddedError(
            f"Redis in {self.layout.redis} does not start. The end of {self.log}:{log_tail(output)}{log_tail(self.log)}\n"
            "Mend that and try again, or set REDIS_URL to a server of your own."
        )

    def _is_settled(self) -> bool:
        """Running, or ended: not loading, nor about to make its socket."""
        return self._state() == State.RUNNING or not processes.living(self._is_ours)

    def _options(self) -> list[str]:
        settings = STEADY | {
            "unixsocket": str(self.layout.redis_socket),
            "dir": str(self.layout.redis),
            "logfile": str(self.log),
            "appendfsync": "everysec" if syncs() else "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]


STEADY = {
    "port": "0",
    "unixsocketperm": "700",
    "daemonize": "yes",
    "databases": "64",
    "appendonly": "yes",
    "save": "",
    "maxmemory-policy": "noeviction",
    "proc-title-template": "redis-server {unixsocket}",
}
