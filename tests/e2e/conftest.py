"""A real browser against a live server.

`visit(page, path)` of a `Visitor` opens a page below `/o/<slug>/` as a logged-in member; when a test ends, the console
must have shown no error, no request gone to another host, and no answer been a 500.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from organizations.models import Organization, User

# Playwright's own loop runs in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
# What htmx says of a request that the browser broke off because its page was left.
LEFT_BEHIND = ("htmx:afterRequest", "htmx:sendAbort")
# However busy the machine is.
expect.set_options(timeout=30_000)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.e2e)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session")
def base_url(live_server: Any) -> str:
    return str(live_server.url)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ARGUMENTS}


def enter(context: BrowserContext, user: User, origin: str) -> None:
    """Log a user in, in every page of a browser's context."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": origin}])


@pytest.fixture
def log_in(transactional_db: None, page: Page, base_url: str) -> Callable[..., None]:
    """`log_in(organization)`: a new member of it, with `page` at its home."""
    from tests.factories import make_user

    def entered(organization: Organization, role: str = "owner") -> None:
        enter(page.context, make_user(organization, role=role), base_url)
        page.goto(f"/o/{organization.slug}/")

    return entered


@dataclass
class Visitor:
    """A member in front of a browser, and what went wrong there."""

    page: Page
    origin: str
    organization: Organization
    user: User
    problems: list[str] = field(default_factory=list)

    def visit(self, path: str = "") -> Page:
        self.page.goto(self.address(path))
        return self.page

    def address(self, path: str = "") -> str:
        return f"{self.origin}/o/{self.organization.slug}/{path}"

    def watch(self) -> None:
        self.page.on("console", lambda message: self._console(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("response", lambda response: self._response(response))

    def _console(self, kind: str, text: str) -> None:
        # What the server refused with 4xx is for the test to expect.
        is_expected = "the server responded with a status of 4" in text or text in LEFT_BEHIND
        if kind == "error" and not is_expected:
            self.problems.append(f"console: {text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.origin, "data:", "blob:")):
            self.problems.append(f"another host: {url}")

    def _response(self, response: Any) -> None:
        if response.status >= 500:
            self.problems.append(f"{response.status}: {response.url}")


@pytest.fixture
def visitor_of(
    live_server: Any, context: BrowserContext
) -> Iterator[Callable[[Organization, str], Visitor]]:
    """Makes a logged-in member with a page of their own."""
    from tests.factories import make_user

    visitors: list[Visitor] = []

    def make(organization: Organization, role: str = "owner") -> Visitor:
        user = make_user(organization, role=role)
        enter(context, user, live_server.url)
        visitor = Visitor(context.new_page(), live_server.url, organization, user)
        visitor.watch()
        visitors.append(visitor)
        return visitor

    yield make
    for visitor in visitors:
        visitor.page.close()
    assert [problem for visitor in visitors for problem in visitor.problems] == []


@pytest.fixture
def visitor(transactional_db: None, visitor_of: Callable[[Organization], Visitor]) -> Visitor:
    """The owner of a new organization, which `visitor.organization` is."""
    from tests.factories import make_organization

    return visitor_of(make_organization())
