"""Fixtures that every test may use."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from organizations.models import Organization
from tests.mail import Mailbox, running_mailbox

# How long a test takes on a busy machine says nothing about the code.
hypothesis_settings.register_profile("kith", deadline=None)
hypothesis_settings.load_profile("kith")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no process is left alone with one of them in the end."""
    items.sort(key=lambda item: "slow" not in item.keywords)


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    """An organization, in scope during the test."""
    from organizations.scope import organization_scope
    from tests.factories import make_organization

    organization = make_organization()
    with organization_scope(organization):
        yield organization


@pytest.fixture(scope="session", autouse=True)
def _nothing_slow_on_purpose() -> None:
    """Thousands of tests make clients, each of which would list every static file, and users, whose passwords would be
    hashed slowly. (What `manage.py up` starts in tests does both.)
    """
    from django.conf import settings

    settings.WHITENOISE_AUTOREFRESH = True
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]


@pytest.fixture(scope="session", autouse=True)
def _own_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Processes that test side by side have organizations of the same number, whose files must not mix."""
    from django.conf import settings

    settings.STORAGES["default"]["OPTIONS"]["location"] = str(tmp_path_factory.mktemp("files"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test's database; what a killed process has left there ends before the database is removed."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _clean_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """No flag, queue or cache of one test reaches the next."""
    yield
    if "_django_db_helper" in request.fixturenames:
        from organizations.redis import redis_connection

        redis_connection().flushdb()


@pytest.fixture
def run_jobs(
    django_capture_on_commit_callbacks: object, transactional_db: None
) -> Callable[[], int]:
    """Run every queued job, and those that they queue, in this process. Needs real commits."""
    from tests.work import run_queued_jobs

    return run_queued_jobs


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Iterator[Mailbox]:
    """What Kith sends while the test runs, through a real SMTP server."""
    from config.mail import mailers

    with running_mailbox() as box:
        # Django's test runner has put its own, which sends nothing, in the place of ours.
        settings.MAILERS = mailers(url=box.url, folder=tmp_path)
        yield box
