"""Databases that a benchmark makes for itself, so that every contender begins with the same empty one."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg

TEMPLATE = "kith_bench_template"


def url_of(name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


def _admin(*statements: str) -> None:
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def fresh_database(name: str) -> None:
    """Make the migrated template, and the database `name` from it, which DATABASE_URL then points to."""
    _admin(f"drop database if exists {TEMPLATE} with (force)", f"create database {TEMPLATE}")
    environment = os.environ | {"DATABASE_URL": url_of(TEMPLATE)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=environment)
    refill(name)
    os.environ["DATABASE_URL"] = url_of(name)


def refill(name: str) -> None:
    """Make the database anew from the template; nobody may be connected to the template."""
    _admin(
        f"drop database if exists {name} with (force)",
        f"create database {name} template {TEMPLATE}",
    )
    _admin("checkpoint")
