"""Fixtures that every test may use."""

from collections.abc import Callable, Iterator

import pytest

from organizations.models import Organization


@pytest.fixture
def organization(db: None) -> Iterator[Organization]:
    """An organization, in scope during the test."""
    from organizations.scope import organization_scope
    from tests.factories import make_organization

    organization = make_organization()
    with organization_scope(organization):
        yield organization


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
