"""How mail leaves Kith."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import mailers as configured
from django.core.mail import send_mail

from config.mail import FILES, SMTP, mailers
from tests.mail import Mailbox

ELSEWHERE = Path("/nowhere")


def options(url: str) -> Any:
    return mailers(url=url, folder=ELSEWHERE)["default"]["OPTIONS"]


def test_without_an_address_mails_are_files(settings: Any, tmp_path: Path) -> None:
    settings.MAILERS = mailers(url="", folder=tmp_path / "mail")
    link = f"http://example.com/{'x' * 100}/"
    send_mail("Hello", f"Grüße\n{link}\n", "kith@example.com", ["ada@example.com"])
    (file,) = (tmp_path / "mail").iterdir()
    assert "To: ada@example.com" in file.read_text()
    assert f"Grüße\n{link}\n" in file.read_text()
    assert settings.MAILERS["default"]["BACKEND"] == FILES


def test_an_address_of_a_server_is_all_of_it() -> None:
    assert options("smtp+tls://ada%40x:se%2Fcret@mail.example.com:587/?timeout=5") == {
        "host": "mail.example.com",
        "port": 587,
        "username": "ada@x",
        "password": "se/cret",
        "use_tls": True,
        "timeout": 5,
    }
    assert options("smtp+ssl://mail.example.com:465")["use_ssl"] is True
    assert options("smtp://mail.example.com") == {"host": "mail.example.com", "timeout": 15}


@pytest.mark.parametrize(
    "url", ["smtp://a:b@h:25", "smtp+tls://h", "smtp+ssl://h", "consolemail://", "filemail:////tmp"]
)
def test_django_takes_what_comes_of_an_address(settings: Any, url: str) -> None:
    settings.MAILERS = mailers(url=url, folder=ELSEWHERE)
    assert configured.default is not None


def test_a_path_of_files_is_kept() -> None:
    assert options("filemail:////var/mail/kith") == {"file_path": "/var/mail/kith"}


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="gopher"):
        mailers(url="gopher://h", folder=ELSEWHERE)


def test_mail_arrives_at_a_server(settings: Any, mailbox: Mailbox) -> None:
    assert settings.MAILERS["default"]["BACKEND"] == SMTP
    send_mail("Hällo", "Ein Gruß", "kith@example.com", ["ada@example.com"])
    (message,) = mailbox.messages
    assert (message["Subject"], message["To"]) == ("Hällo", "ada@example.com")
    assert mailbox.text().strip() == "Ein Gruß"
