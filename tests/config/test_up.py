"""`manage.py up`: one start of everything, however the last one ended."""

import argparse
import http.client
import json
import os
import signal
import socket
import sys
from collections.abc import Callable

import pytest

from config.embedded import processes
from config.embedded.errors import EmbeddedError
from config.management.commands.up import port
from config.up.address import Address
from config.up.children import Child

from .conftest import Kith, free_port, says

pytestmark = pytest.mark.slow
Eventually = Callable[[Callable[[], bool]], bool]


def health(port: int) -> dict[str, str]:
    """What Kith says of itself; nothing while it can't be asked."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        answer: dict[str, str] = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
    return answer


def workers(kith: Kith) -> list[int]:
    """The workers that `up` has started; not their work-horses, which are forked and look the same."""
    found = {
        process.pid: process.ppid()
        for process in processes.living(kith._is_ours)
        if "rqworker" in " ".join(process.cmdline())
    }
    return [pid for pid, parent in found.items() if parent not in found]


COUNTS = """
from contacts.models import Contact, ContactActivity, ContactEvent
from contacts.selectors.engagement_summary import engagement_summary
from organizations.models import Organization
from organizations.scope import organization_scope
from segments.models import Segment
with organization_scope(Organization.objects.get(slug="demo")):
    rows = (Contact, ContactActivity, ContactEvent, Segment)
    counts = {each.__name__: each.objects.count() for each in rows}
    print(json.dumps(counts | {"days": len(engagement_summary().days)}))
"""


def demo_counts(kith: Kith) -> dict[str, int]:
    """How much of what the demo has."""
    told = kith.manage("shell", "--no-imports", "-c", f"import json\n{COUNTS}").stdout
    counts: dict[str, int] = json.loads(told)
    return counts


def test_up_serves_survives_kill_9_and_leaves_nothing(kith: Kith, eventually: Eventually) -> None:
    number = free_port()
    command = ["manage.py", "up", "--no-demo", "--workers", "1", "--port", str(number)]
    first = kith.spawn(*command)
    assert says(first, "Ready on") == f"Ready on http://127.0.0.1:{number}/\n"
    healthy = dict.fromkeys(("database", "redis", "workers", "schedule"), "ok")
    assert eventually(lambda: health(number) == healthy)

    second = kith.manage("up", "--port", str(free_port()))
    assert second.returncode == 1
    assert f"already runs on the data folder {kith.data}" in second.stderr
    assert "Traceback" not in second.stderr

    [worker] = workers(kith)
    os.kill(worker, signal.SIGKILL)
    assert "SIGKILL" in says(first, "worker-1 ended")
    assert eventually(lambda: workers(kith) not in ([], [worker]))

    first.kill()
    first.wait()
    assert kith.survivors()
    third = kith.spawn(*(word for word in command if word != "--no-demo"))
    says(third, "Log in as owner@demo.example")
    assert eventually(lambda: health(number) == healthy)
    assert len(workers(kith)) == 1
    made = demo_counts(kith)
    assert min(made.values()) > 0
    assert kith.manage("seed_demo").returncode == 0
    assert demo_counts(kith) == made

    third.send_signal(signal.SIGTERM)
    says(third, "Stopped.")
    assert third.wait(120) == 0
    assert kith.survivors() == []


def test_a_taken_port_is_named_before_anything_starts(kith: Kith) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        result = kith.manage("up", "--no-demo", "--port", str(taken))
    assert result.returncode == 1
    assert f"Port {taken}" in result.stderr
    assert "--port" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (kith.data / "servers/postgres").exists()


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", ""])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="from 1 to 65535"):
        port(text)
    assert port("65535") == 65535


def test_an_interrupted_start_leaves_nothing(kith: Kith) -> None:
    up = kith.spawn("manage.py", "up", "--no-demo", "--port", str(free_port()))
    says(up, "Making an embedded")
    up.send_signal(signal.SIGINT)
    assert up.wait(60) == 0
    assert kith.wait_until_quiet()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8/"),
        ("0.0.0.0", "http://127.0.0.1:8/"),
        ("::", "http://[::1]:8/"),
    ],
)
def test_the_address_is_one_that_a_browser_reaches(host: str, url: str) -> None:
    assert Address(host, 8).url == url


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(EmbeddedError, match="--host"):
        Address("192.0.2.1", 8000).require_free()


@pytest.fixture
def child(kith: Kith) -> Child:
    kith.data.mkdir()
    script = (
        "import subprocess, sys; subprocess.Popen(['sleep', '60'], process_group=0); sys.exit(3)"
    )
    return Child("example", [sys.executable, "-c", script], kith.data, str(kith.data))


def test_a_dead_child_takes_its_session_along_and_starts_again(
    child: Child, kith: Kith, eventually: Eventually
) -> None:
    child.start()
    assert eventually(lambda: child.exit_code() == 3)
    assert [name for name in kith.survivors() if name == "sleep 60"]
    message = child.revive()
    assert message == f"example ended (exit code 3) and starts again in 1 s; see {child.log}"
    assert kith.survivors() == []
    assert child._next_pause() == 2.0
    child.due = 0.0
    assert child.revive() is None
    assert child.due is None
    child.kill()
