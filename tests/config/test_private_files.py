"""What is kept of people is for the user that Kith runs as, and for nobody else on the machine."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.mail import send_mail
from environ import Env

from config.embedded.accounts import NOBODY, account_of
from config.embedded.layout import made_data_dir
from config.mail import mailers
from config.storage import of_files

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def storage_in(folder: Path) -> Storage:
    return storages.create_storage(of_files(Env(), folder))


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.mark.parametrize("name", ["imports/1/people.csv", "exports/1/2/part"])
def test_files_and_their_folders_are_private(tmp_path: Path, name: str) -> None:
    storage_in(tmp_path).save(name, ContentFile(b"ada@example.com"))
    assert modes(tmp_path / "files") == {0o700, 0o600}


def test_so_is_mail(settings: Any, tmp_path: Path) -> None:
    settings.MAILERS = mailers(url="", folder=tmp_path / "mail")
    send_mail("Hello", "Ada", "kith@example.com", ["ada@example.com"])
    assert modes(tmp_path / "mail") == {0o700, 0o600}


def test_folders_that_were_open_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_DATA_DIR", str(tmp_path))
    for name in ("files", "mail"):
        (tmp_path / name).mkdir(mode=0o755)
    made_data_dir()
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("files", "mail")} == {0o700}


@needs_root
def test_another_user_reads_neither(open_folder: Path, settings: Any) -> None:
    storage_in(open_folder).save("imports/1/people.csv", ContentFile(b"ada@example.com"))
    settings.MAILERS = mailers(url="", folder=open_folder / "mail")
    send_mail("Hello", "Ada", "kith@example.com", ["ada@example.com"])
    nobody = account_of(NOBODY)
    assert nobody.can_enter(open_folder)
    files = [path for path in open_folder.rglob("*") if path.is_file()]
    assert len(files) == 2
    for path in files:
        assert nobody.run("/bin/cat", path).returncode != 0
