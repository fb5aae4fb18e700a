"""What a line of the log says of itself."""

import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import DictConfigurator

import pytest
import structlog
from django.conf import settings


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged while the test runs, in the format of the settings."""
    configurator = DictConfigurator(settings.LOGGING)
    handler = logging.StreamHandler(StringIO())
    handler.setFormatter(
        configurator.configure_formatter(settings.LOGGING["formatters"]["console"])
    )
    logging.getLogger("tests.log").addHandler(handler)
    yield handler.stream
    logging.getLogger("tests.log").removeHandler(handler)


def test_lines_of_others_have_a_time_and_a_level_too(log: StringIO) -> None:
    logging.getLogger("tests.log").warning("rq: Job OK")
    structlog.get_logger("tests.log").warning("lease_lost")
    for line in log.getvalue().splitlines():
        assert line.startswith("timestamp='2")
        assert "level='warning'" in line
    assert len(log.getvalue().splitlines()) == 2
