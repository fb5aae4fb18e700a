"""Somebody else at work in the same process."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from organizations.models import Organization
from organizations.scope import organization_scope
from tests.waiting import PATIENCE


class Other(threading.Thread):
    """Somebody else who does something once started, with a connection of their own."""

    def __init__(self, organization: Organization, act: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.organization, self.act = organization, act
        self.outcome: Any = None

    def run(self) -> None:
        try:
            with organization_scope(self.organization):
                self.outcome = self.act()
        except BaseException as error:
            self.outcome = error
        finally:
            connection.close()

    def ended(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive()
        return self.outcome
