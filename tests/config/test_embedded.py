"""The embedded servers: start, share, survive and stop."""

import os
import signal
import socket
from pathlib import Path

import pytest

from config.embedded import processes
from config.embedded.accounts import account_of
from config.embedded.layout import FALLBACK, LONGEST_SOCKET, Layout
from config.embedded.postgres_server import quoted

from .conftest import Kith, says

JOIN = "from config import embedded; embedded.ensure()\n"
CONNECT = (
    JOIN
    + "import os, psycopg, redis; db = psycopg.connect(os.environ['DATABASE_URL'], autocommit=True)\n"
)
CONNECT += "queue = redis.Redis.from_url(os.environ['REDIS_URL'])\n"
WRITE = CONNECT + "db.execute('create table kept as select 7 as n'); queue.set('kept', 7)\n"
READ = CONNECT + "print(db.execute('select n from kept').fetchone()[0], int(queue.get('kept')))\n"
STAY = "import time; print('joined', flush=True); time.sleep(600)\n"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def server_pids(kith: Kith) -> list[int]:
    return [process.pid for process in processes.living(kith._is_ours)]


def kill_servers(kith: Kith) -> None:
    for pid in server_pids(kith):
        os.kill(pid, signal.SIGKILL)
    assert kith.wait_until_quiet()


def test_servers_start_with_our_configuration_and_stop_with_their_last_user(kith: Kith) -> None:
    code = CONNECT + "show = lambda name: db.execute(f'show {name}').fetchone()[0]\n"
    code += "print(db.info.dbname, show('server_encoding'), show('listen_addresses') or 'socket', show('jit'))\n"
    code += "print(db.execute(\"select upper('straße'), datlocale from pg_database limit 1\").fetchone())\n"
    code += "print(queue.config_get('appendonly')['appendonly'], queue.config_get('databases')['databases'])"
    result = kith.python(code)
    assert result.stdout.splitlines() == [
        "kith UTF8 socket off",
        "('STRASSE', 'PG_UNICODE_FAST')",
        "yes 64",
    ]
    assert kith.survivors() == []


def test_what_was_written_is_there_after_a_restart(kith: Kith) -> None:
    kith.python(WRITE)
    assert kith.python(READ).stdout == "7 7\n"


def test_servers_stay_while_somebody_uses_them(kith: Kith) -> None:
    user = kith.spawn("-c", JOIN + STAY)
    says(user, "joined")
    kith.python(JOIN)
    assert kith.survivors()
    refusal = kith.manage("embedded", "stop")
    assert refusal.returncode == 1
    assert "in use" in refusal.stderr
    assert "Traceback" not in refusal.stderr


def test_several_processes_may_start_at_once(kith: Kith) -> None:
    users = [
        kith.spawn("-c", CONNECT + "print(db.execute('select 41 + 1').fetchone()[0])")
        for _ in range(4)
    ]
    for user in users:
        says(user, "42")
    assert [user.wait(60) for user in users] == [0, 0, 0, 0]
    assert kith.wait_until_quiet()


def test_a_killed_user_leaves_servers_that_the_next_one_takes_over(kith: Kith) -> None:
    user = kith.spawn("-c", WRITE + STAY)
    says(user, "joined")
    user.kill()
    user.wait()
    assert kith.survivors()
    assert kith.python(READ).stdout == "7 7\n"
    assert kith.survivors() == []


def test_killed_servers_recover_from_stale_files(kith: Kith) -> None:
    user = kith.spawn("-c", WRITE + STAY)
    says(user, "joined")
    user.kill()
    kill_servers(kith)
    lock = kith.data / "servers/postgres/postmaster.pid"
    assert lock.exists()
    # Another program got the dead server's id, as happens in containers.
    lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]) + "\n")
    result = kith.python(READ)
    assert result.stdout == "7 7\n", result.stderr
    assert kith.survivors() == []


def test_a_server_whose_socket_was_deleted_is_replaced(kith: Kith) -> None:
    user = kith.spawn("-c", WRITE + STAY)
    says(user, "joined")
    before = server_pids(kith)
    for name in (".s.PGSQL.5432", "redis.sock"):
        (kith.data / "servers/run" / name).unlink()
    assert kith.python(READ).stdout == "7 7\n"
    assert not set(before) & set(server_pids(kith))


def test_a_half_made_database_is_made_anew(kith: Kith) -> None:
    kith.python(JOIN)
    (kith.data / "servers/postgres/KITH").unlink()
    (kith.data / "servers/postgres/PG_VERSION").unlink()
    assert kith.python(CONNECT + "print(db.info.dbname)").stdout == "kith\n"


def test_started_servers_stay_until_they_are_stopped(kith: Kith) -> None:
    nothing = kith.manage("embedded", "url")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "embedded start" in nothing.stderr
    assert kith.manage("embedded", "start").returncode == 0
    kith.python(JOIN)
    names = [line.split("=", 1)[0] for line in kith.manage("embedded", "url").stdout.splitlines()]
    assert names == ["DATABASE_URL", "REDIS_URL"]
    assert kith.manage("embedded", "stop").returncode == 0
    assert kith.survivors() == []
    assert kith.manage("embedded", "stop").returncode == 0


def test_addresses_suit_libpq_and_django(kith: Kith) -> None:
    code = CONNECT + "import environ\nconfig = environ.Env().db()\n"
    code += "print(config['NAME'], config['USER'], config['PORT'], config['OPTIONS']['host'] == db.info.host)"
    assert kith.python(code).stdout == "kith postgres 5432 True\n"


def test_nothing_is_started_when_addresses_are_given(kith: Kith) -> None:
    code = JOIN + "import os; print(os.environ['DATABASE_URL'], os.environ.get('KITH_EMBEDDED'))"
    given = {"DATABASE_URL": "postgresql://db/kith", "REDIS_URL": "redis://cache"}
    assert kith.python(code, **given).stdout == "postgresql://db/kith None\n"
    assert not kith.data.exists()


def test_only_the_missing_server_is_started(kith: Kith) -> None:
    code = JOIN + "import os; print(os.environ['DATABASE_URL'])\n"
    code += "from config.embedded import *; from config.embedded.layout import planned_layout\n"
    code += "from config.embedded import PostgresServer, RedisServer\n"
    code += (
        "print([server(planned_layout()).is_running() for server in (PostgresServer, RedisServer)])"
    )
    result = kith.python(code, DATABASE_URL="postgresql://db/kith")
    assert result.stdout.splitlines() == ["postgresql://db/kith", "[False, True]"]


def test_the_secret_key_is_made_once_and_private(kith: Kith) -> None:
    code = "from config import embedded; print(embedded.secret_key())"
    users = [kith.spawn("-c", code) for _ in range(3)]
    keys = {user.communicate(timeout=300)[0] for user in users} | {kith.python(code).stdout}
    assert len(keys) == 1
    assert len(keys.pop()) > 50
    assert (kith.data / "secret_key").stat().st_mode & 0o777 == 0o600


def test_commands_that_connect_to_nothing_write_nothing(kith: Kith) -> None:
    assert kith.manage("--version").returncode == 0
    assert not kith.data.exists()


def test_a_data_folder_that_can_not_be_written_is_a_clear_error(kith: Kith) -> None:
    kith.data.write_text("a file")
    result = kith.manage("migrate")
    assert result.returncode == 1
    assert str(kith.data) in result.stderr
    assert "KITH_DATA_DIR" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_long_path_moves_the_sockets(kith: Kith) -> None:
    kith.data = kith.data / ("long" * 25) / "data"
    result = kith.python(CONNECT + "print(db.info.host)", KITH_DATA_DIR=str(kith.data))
    folder = Path(result.stdout.strip())
    assert len(str(folder)) < LONGEST_SOCKET
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()


@needs_root
def test_as_root_the_servers_are_unprivileged_and_no_folder_is_opened(kith: Kith) -> None:
    kith.data.parent.chmod(0o700)
    code = (
        CONNECT
        + "from config.embedded.layout import planned_layout as p; print(p().servers, p().account.name)\n"
    )
    result = kith.python(code)
    servers, name = result.stdout.split()
    try:
        assert name == "nobody"
        assert Path(servers).parent == FALLBACK
        assert kith.data.parent.stat().st_mode & 0o777 == 0o700
        assert kith.python(code).stdout == result.stdout
    finally:
        remove(Path(servers))


@needs_root
def test_as_root_a_lost_fallback_folder_is_an_error_not_an_empty_database(kith: Kith) -> None:
    kith.data.mkdir()
    (kith.data / "servers_at").write_text("/var/lib/kith/gone\n")
    result = kith.manage("migrate")
    assert result.returncode == 1
    assert "/var/lib/kith/gone" in result.stderr


def remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


def test_sockets_fit_into_an_address() -> None:
    layout = Layout(Path("/d"), Path("/d/" + "x" * 200), account_of(os.geteuid()))
    with (
        socket.socket(socket.AF_UNIX) as probe,
        pytest.raises(OSError, match=r"No such file|refused"),
    ):
        probe.connect(str(layout.run / ".s.PGSQL.5432"))


def test_configuration_values_are_quoted() -> None:
    assert quoted("/it's\\here") == "'/it''s\\\\here'"
