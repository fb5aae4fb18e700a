"""The commands of the documentation, run as they stand beside a running `manage.py up`."""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.embedded.layout import BASE_DIR
from tests.config.conftest import Kith, free_port, says

API = BASE_DIR / "docs/api.md"
# What a block may be written in; one in anything else would not be run.
LANGUAGES = {"sh"}
CURL = '#!/bin/sh\nexec {curl} -w "%{{stderr}}%{{http_code}} %{{url_effective}}\\n" "$@"\n'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("bash")), reason="no curl or bash here"
    ),
]


def blocks(text: str) -> list[tuple[str, str, str]]:
    """The blocks of code of a page: the heading above each, its language, its lines."""
    found = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        heading = section.partition("\n")[0]
        for language, code in re.findall(r"^```(\w*)\n(.*?)^```$", section, re.DOTALL | re.M):
            found.append((heading, language, code))
    return found


def project(folder: Path) -> dict[str, str]:
    """A folder in which commands find what they find in the project's own, with a curl that tells each status."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "manage.py").symlink_to(BASE_DIR / "manage.py")
    (folder / "curl").write_text(CURL.format(curl=shlex.quote(shutil.which("curl") or "")))
    (folder / "curl").chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def documents(text: str) -> list[Any]:
    """The JSON documents in what was printed, one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while (start := text.find("{")) >= 0:
        document, end = decoder.raw_decode(text[start:])
        found.append(document)
        text = text[start + end :]
    return found


def test_every_command_of_the_api_page_does_what_it_says(kith: Kith, tmp_path: Path) -> None:
    page = blocks(API.read_text(encoding="utf-8"))
    assert {language for _, language, _ in page} <= LANGUAGES
    port = free_port()
    # Small files are imported at once, as they are everywhere but in tests.
    kith.environment.pop("IMPORT_SYNC_BYTES", None)
    up = kith.spawn("manage.py", "up", "--no-demo", "--workers", "1", "--port", str(port))
    says(up, "Ready on")
    script = "".join(f"printf '\\n# %s\\n' {shlex.quote(name)}\n{code}" for name, _, code in page)
    done = subprocess.run(
        ["bash", "-eu"],
        input=script.replace("127.0.0.1:8000", f"127.0.0.1:{port}"),
        cwd=tmp_path,
        env=kith.environment | project(tmp_path),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = done.stderr.splitlines()
    assert len(answers) > 30
    assert [each for each in answers if not re.match(r"2\d\d http", each)] == []
    _is_as_told(dict(part.split("\n", 1) for part in done.stdout.split("\n# ")[1:]), tmp_path)


def _is_as_told(said: dict[str, str], folder: Path) -> None:
    """What was printed below each heading is what the page promises."""
    imported = said["3. An import, from the file to the undo"]
    assert "not an address,Cy,12,,4,email: “not an address” is not" in imported
    (ana,) = documents(imported)[-1]["results"]
    assert ana == {"email": "ana@example.org", "first_name": "Ana", "tags": ["VIP"]}

    kept, following, cancelled, renamed = documents(said["A mapping that is kept"])
    assert kept["results"][0]["columns"] == ["email", "first name", "age", "tags"]
    assert [each["target"] for each in following["mapping"]] == [
        *("email", "first_name", "custom:age", "tags")
    ]
    assert (cancelled["status"], renamed["name"]) == ("cancelled", "Weekly list")

    consent = documents(said["Consent and relations"])
    received = {each["type"] for each in consent if each.get("may_receive")}
    assert received == {"transactional"}
    (employee,) = next(each["results"] for each in consent if "results" in each)
    assert employee == {"label": "Has the employee", "related_name": "ana@example.net"}

    recorded, visits, engagement, inactive, call, timeline = documents(said["Events"])
    assert (recorded["accepted"], recorded["duplicates"]) == (2, 1)
    assert [each["index"] for each in recorded["rejected"]] == [3]
    assert visits["results"][0]["data"] == {"url": "/pricing"}
    assert engagement["engagement_level"] != "never"
    assert inactive["results"]
    assert call["activity_type"] == "call"
    assert [each["kind"] for each in timeline["results"]] == ["activities", "events"]

    tried, *told = documents(said["A segment"])
    assert tried["size"] == {"count": 1, "is_exact": True}
    assert tried["sentence"] == "Has the tag VIP and not (city is Bergen)"
    (explained,) = (each for each in told if "holds" in each)
    assert (explained["holds"], explained["is_member"]) == (True, True)
    (effect,) = (each for each in told if "leaving" in each)
    assert effect["leaving"]["size"]["count"] == 0

    with (folder / "vip.csv").open(encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    assert header == ["Kith ID", "E-mail", "First name", "Tags", "Added"]
    assert row[1:3] == ["ana@example.org", "Ana"]
    assert "VIP" in row[3]
