"""Long SQL statements, one a file in `<app>/sql/`, loaded by name."""

import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from django.apps import apps
from django.db import connection


class _Statement(Template):
    # `{name}` stands for another static fragment; values are never put in here but bound by psycopg.
    pattern: ClassVar[Any] = r"""
        \{(?:(?P<named>[a-z_]+)\}|(?P<braced>[a-z_]+)\}|(?P<escaped>(?!))|(?P<invalid>(?!)))
    """


@cache
def _read(app_label: str, name: str) -> str:
    path = Path(apps.get_app_config(app_label).path) / "sql" / f"{name}.sql"
    return path.read_text(encoding="utf-8")


def statement(app_label: str, name: str, **fragments: str) -> str:
    """The text of `<app_label>/sql/<name>.sql` with its `{fragment}` places filled by other static SQL."""
    text = _read(app_label, name)
    return _Statement(text).substitute(fragments) if fragments else text


_PARAMETER = re.compile(r"%\((\w+)\)s")


def positional(sql: str, params: dict[str, Any]) -> tuple[str, list[Any]]:
    """A statement with its parameters in the order of their places, as Django's expressions take them."""
    return _PARAMETER.sub("%s", sql), [params[name] for name in _PARAMETER.findall(sql)]


def fetch_all(sql: str, params: dict[str, Any] | list[Any]) -> list[tuple[Any, ...]]:
    """Run a statement, with parameters by name or by place, and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def execute(sql: str, params: dict[str, Any]) -> int:
    """Run a statement and return how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount
