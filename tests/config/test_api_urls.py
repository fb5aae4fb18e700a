"""The API as a whole: its schema, its documentation, and that every address is tested for isolation."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import get_resolver

from tests.api_suite import IsolationSuite

TESTS = Path(__file__).parent.parent
# What anybody may see: no organization's data.
PUBLIC = {"api-schema", "api-docs"}


def _names(patterns: Any) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern} has no name"
            yield pattern.name


def _suites(base: type) -> Iterator[type]:
    for suite in base.__subclasses__():
        yield suite
        yield from _suites(suite)


def test_every_address_is_named_by_an_isolation_suite() -> None:
    for file in sorted(TESTS.glob("*/api/test_*.py")):
        importlib.import_module(".".join(file.relative_to(TESTS.parent).with_suffix("").parts))
    covered = {name for suite in _suites(IsolationSuite) for name in suite.covers}  # type: ignore[attr-defined]
    names = set(_names(get_resolver("config.api_urls").url_patterns))
    assert names - covered - PUBLIC == set()
    assert covered - names == set()


def test_the_schema_is_valid_and_free_of_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert "bulk-upsert" in capsys.readouterr().out


@pytest.mark.django_db
def test_schema_and_documentation_need_no_key(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    paths = [path for path in schema["paths"] if not path.startswith("/api/v1/")]
    assert paths == []
    operations = [each for path in schema["paths"].values() for each in path.values()]
    assert all("default" in operation["responses"] for operation in operations)
    assert all(operation["security"] == [{"apiKey": []}] for operation in operations)
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert "/static/drf_spectacular_sidecar/" in page.content.decode()
    assert "https://" not in page.content.decode()
    assert "script-src 'self'" in page["Content-Security-Policy"]
