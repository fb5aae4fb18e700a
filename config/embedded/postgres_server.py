"""PostgreSQL with a configuration of our own, on a unix socket only."""

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg.pq import PGconn, Ping

from . import processes
from .errors import EmbeddedError, log_tail
from .layout import Layout
from .programs import POSTGRES, POSTGRES_MAJOR, reachable_program

DATABASE = "kith"
USER = "postgres"
PORT = 5432
# Recovery after a crash replays up to max_wal_size.
START_SECONDS = 300
MIB = 1024 * 1024


@dataclass(frozen=True)
class PostgresServer:
    layout: Layout

    @property
    def folder(self) -> Path:
        return self.layout.postgres

    @property
    def log(self) -> Path:
        return self.layout.server_logs / "postgresql.log"

    @property
    def marker(self) -> Path:
        """Written last: a folder without it holds a half-made database."""
        return self.folder / "KITH"

    def is_running(self) -> bool:
        """Whether it takes connections."""
        return self._ping() == Ping.OK

    def start(self) -> None:
        """Return once it takes connections and has our database. Raises EmbeddedError with the end of the log."""
        if not self._settle():
            self._end_leftovers()
            self._initialise()
            self._configure()
            self._launch()
        self._create_database()

    def stop(self) -> None:
        """Stop it, whatever state it is in; return when none of its processes is left."""
        if self._ping() != Ping.NO_RESPONSE:
            self._control("stop", "-m", "fast", "-t", "60")
        self._end_leftovers()

    def _ping(self) -> Ping:
        return Ping(PGconn.ping(self._conninfo("postgres").encode()))

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.layout.run), port=PORT, user=USER, dbname=database, connect_timeout=5
        )

    def _settle(self) -> bool:
        """Wait while it is starting up or shutting down; then whether it runs."""
        processes.wait_until(lambda: self._ping() != Ping.REJECT, seconds=START_SECONDS, every=0.1)
        return self.is_running()

    def _is_ours(self, process: psutil.Process) -> bool:
        command = process.cmdline()
        title = " ".join(command).strip()
        if title.startswith(f"postgres: {self._cluster_name}: "):
            return True
        return bool(command) and Path(command[0]).name == "postgres" and str(self.folder) in command

    def _end_leftovers(self) -> None:
        """End processes of ours that nobody can connect to, then remove the stale lock file and sockets.

        Without this, PostgreSQL takes any process that got the old one's id for itself and refuses to start.
        """
        steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
        if processes.living(self._is_ours) and not processes.end(self._is_ours, signals=steps):
            raise EmbeddedError(
                f"PostgreSQL in {self.folder} neither answers nor ends. Kill it, then try again."
            )
        for stale in (self.folder / "postmaster.pid", *self.layout.run.glob(f".s.PGSQL.{PORT}*")):
            stale.unlink(missing_ok=True)

    def _initialise(self) -> None:
        if self.marker.exists():
            self._require_same_major()
            return
        shutil.rmtree(self.folder)
        self.layout.make_server_folders()
        log = self.layout.server_logs / "initdb.log"
        if not self.layout.account.run_logged(
            self._program("initdb"), *self._initdb_options(), log=log
        ):
            raise EmbeddedError(
                f"The database in {self.folder} could not be made. The end of {log}:{log_tail(log)}\n"
                "Mend that and try again, or set DATABASE_URL to a server of your own."
            )
        self.layout.account.write(self.marker, f"{POSTGRES_MAJOR}\n")

    def _initdb_options(self) -> list[str]:
        options = ["-D", str(self.folder), "-U", USER, "-E", "UTF8", "-A", "trust", "--locale=C"]
        options += ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
        return options if syncs() else [*options, "--no-sync"]

    def _require_same_major(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != POSTGRES_MAJOR:
            raise EmbeddedError(
                f"The database in {self.folder} was made by PostgreSQL {found}, this is {POSTGRES_MAJOR}.\n"
                "Dump it with the old version and restore it into an empty data folder (KITH_DATA_DIR)."
            )

    def _configure(self) -> None:
        lines = [f"{name} = {quoted(value)}\n" for name, value in self._settings().items()]
        text = "# Written at each start. Changes of your own: ALTER SYSTEM SET …\n" + "".join(lines)
        if not self.layout.account.write(self.folder / "postgresql.conf", text):
            raise EmbeddedError(
                f"{self.folder / 'postgresql.conf'} can't be written. Is the disk full?"
            )

    def _settings(self) -> dict[str, str]:
        # Taken from the machine page by page, as the data grows.
        shared = min(4096, max(128, memory_mib() // 8))
        wal = min(8192, max(1024, shutil.disk_usage(self.folder).free // MIB // 4))
        return STEADY | {
            "unix_socket_directories": str(self.layout.run),
            "cluster_name": self._cluster_name,
            "shared_buffers": f"{shared}MB",
            "effective_cache_size": f"{max(512, memory_mib() // 2)}MB",
            "max_wal_size": f"{wal}MB",
            "dynamic_shared_memory_type": "posix" if shared_memory_mib() >= 1024 else "mmap",
            **({} if syncs() else UNSAFE),
        }

    def _launch(self) -> None:
        if self._control("start", "-t", str(START_SECONDS), "-l", str(self.log)):
            return
        raise EmbeddedError(
            f"PostgreSQL in {self.folder} does not start. The end of {self.log}:{log_tail(self.log)}\n"
            "Mend that and try again, or set DATABASE_URL to a server of your own."
        )

    def _control(self, *action: str) -> bool:
        command = [str(self._program("pg_ctl")), "-D", str(self.folder), "-w", *action]
        return self.layout.account.run_logged(*command, log=self.layout.server_logs / "pg_ctl.log")

    def _program(self, name: str) -> Path:
        return reachable_program(POSTGRES, self.layout.account, self.layout.servers).with_name(name)

    def _create_database(self) -> None:
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "select from pg_database where datname = %s", [DATABASE]
            ).fetchone()
            if found is None:
                connection.execute(f"create database {DATABASE}")

    @property
    def _cluster_name(self) -> str:
        return f"kith-{self.layout.digest}"


STEADY = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "default_text_search_config": "pg_catalog.simple",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    # A bulk load changes what the planner must know within seconds.
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_vacuum_cost_limit": "1000",
    "log_line_prefix": "%m [%p] %a ",
    "log_checkpoints": "off",
}
# A commit still survives `kill -9`, only not a power cut.
UNSAFE = {"fsync": "off", "full_page_writes": "off"}


def quoted(value: str) -> str:
    """A value as postgresql.conf reads it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def syncs() -> bool:
    """Whether a commit survives a power cut: yes, unless KITH_EMBEDDED_FSYNC=off (tests)."""
    return os.environ.get("KITH_EMBEDDED_FSYNC", "on").lower() not in ("off", "0", "false", "no")


def memory_mib() -> int:
    """The machine's memory, or what the container may use of it."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            machine = min(machine, int(Path(limit).read_text()))
        except (OSError, ValueError):
            continue
    return machine // MIB


def shared_memory_mib() -> int:
    """Free space for parallel queries; containers often have 64 MB, and a large hash join fails there."""
    try:
        return shutil.disk_usage("/dev/shm").free // MIB
    except OSError:
        return 0
