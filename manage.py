#!/usr/bin/env python
"""Kith's commands. Those that need the database start the embedded servers when no others are given."""

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent
# These connect to nothing, or start the servers themselves. `check` connects: it asks for the server's version.
WITHOUT_SERVERS = {
    "help",
    "version",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "embedded",
    "findstatic",
    "makemessages",
    "startapp",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        import environ
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(
            f"{error}.\nThis Python lacks Kith's libraries: run `make install`, then use .venv/bin/python."
        )
    if (BASE_DIR / ".env").exists():
        environ.Env.read_env(BASE_DIR / ".env")
    prepare_servers(sys.argv[1:])
    execute_from_command_line(sys.argv)


def prepare_servers(arguments: list[str]) -> None:
    """Start or announce the embedded servers as the command needs. Ends the program with a message if that fails."""
    from config import embedded

    command = next((word for word in arguments if not word.startswith("-")), "help")
    try:
        if command in WITHOUT_SERVERS or {"-h", "--help", "--version"} & set(arguments):
            embedded.announce(make_folders=False)
        elif command == "up":
            embedded.announce(make_folders=True)
        else:
            embedded.ensure()
    except embedded.EmbeddedError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
