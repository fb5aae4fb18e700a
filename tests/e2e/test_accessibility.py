"""Every screen, wide and narrow, light and dark: axe finds nothing, and the page keeps its promises.

With KITH_SHOTS=<folder> each screen is also photographed there.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, ViewportSize, expect

from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.organizations import member_add
from tests.e2e.conftest import Visitor
from tests.e2e.showcase import ORGANIZATION, Screen, make_showcase, submit
from tests.factories import make_organization

SHOTS = os.environ.get("KITH_SHOTS", "")
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
# What can get lost where there is little room.
NARROWED = [
    "aria-hidden-focus",
    "button-name",
    "label",
    "link-name",
    "scrollable-region-focusable",
    "select-name",
    "target-size",
]
# A request on its way, or what Alpine has not uncovered yet.
UNSETTLED = ".htmx-request, [x-cloak]"
# A link that lies half under an open menu, or is cut where a list scrolls, is as large as ever.
COVERED = "partially obscured"
axe = Axe()


@dataclass(frozen=True)
class Look:
    """How a screen is looked at, and by which of axe's rules."""

    name: str
    scheme: Literal["light", "dark"]
    size: ViewportSize
    rules: dict[str, Any]


# Nothing differs in the dark but colours, which no width changes; in little room, what is hidden or too small.
LOOKS = (
    Look("wide-light", "light", WIDE, {"runOnly": {"type": "tag", "values": WCAG}}),
    Look("wide-dark", "dark", WIDE, {"runOnly": {"type": "rule", "values": COLOURS}}),
    Look("narrow-dark", "dark", NARROW, {}),
    Look("narrow-light", "light", NARROW, {"runOnly": {"type": "rule", "values": NARROWED}}),
)

OF_THE_SITE = [
    Screen("choose", "/"),
    # Swagger UI's own markup is not ours to mend; what it loads and logs is.
    Screen("api-docs", "/api/docs/", lambda page: page.locator(".info .title").wait_for(), False),
    # What Django renders where there is no view left.
    *(Screen(f"fault-{name}", f"/fault/{name}") for name in ("403", "403_csrf", "500")),
]
EMPTY = [
    Screen(f"empty-{path.strip('/').replace('/', '-') or 'home'}", path)
    for path in (
        *(
            "",
            "contacts/",
            "imports/",
            "imports/mappings/",
            "exports/",
            "operations/",
            "tags/",
            "custom-fields/",
            "suppressions/",
            "segments/",
            "segments/new/",
            "notices/",
        ),
        "preference-types/",
    )
]
OF_A_VIEWER = [
    Screen("viewer-contacts", "contacts/"),
    Screen("viewer-imports", "imports/"),
    Screen("viewer-exports", "exports/"),
    Screen("viewer-mappings", "imports/mappings/"),
    Screen("viewer-segments", "segments/"),
    Screen("forbidden", "contacts/new/"),
]
LOGGED_OUT = [
    Screen("login", "/login/"),
    Screen("login-wrong", "/login/", submit("Log in")),
]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_screen(visitor_of: Callable[..., Visitor]) -> None:
    organization = make_organization(name=ORGANIZATION, timezone="Europe/Oslo")
    owner = visitor_of(organization)
    newcomer = replace(owner, organization=make_organization())
    with organization_scope(newcomer.organization):
        member_add(user=owner.user, role=Role.OWNER)
    screens = [*make_showcase(organization, owner.user), *OF_THE_SITE]
    found = look_at(owner, screens) + look_at(newcomer, EMPTY)
    viewer = visitor_of(organization, role=Role.VIEWER)
    found += look_at(viewer, OF_A_VIEWER)
    viewer.page.context.clear_cookies()
    found += look_at(viewer, LOGGED_OUT)
    assert not found, "\n".join(found)


def look_at(visitor: Visitor, screens: list[Screen]) -> list[str]:
    """What is wrong with each screen."""
    visitor.page.route("**/fault/*", show_fault)
    return [problem for screen in screens for problem in problems_of(visitor, screen)]


def show_fault(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[1]
    route.fulfill(body=render_to_string(f"{name}.html"), content_type="text/html")


def problems_of(visitor: Visitor, screen: Screen) -> Iterator[str]:
    visit(visitor, screen)
    for look in LOOKS:
        if not (screen.is_ours and look.rules) and not SHOTS:
            continue
        show(visitor.page, look, is_ours=screen.is_ours)
        if SHOTS:
            path = Path(SHOTS) / f"{screen.name}-{look.name}.png"
            visitor.page.screenshot(path=path, full_page=True)
        for problem in problems_at(visitor.page, look) if screen.is_ours else ():
            yield f"{screen.name}, {look.name}: {problem}"
    # Named by their screen here; those of a later moment are found when the visit ends.
    yield from (f"{screen.name}: {problem}" for problem in visitor.problems)
    visitor.problems.clear()


def visit(visitor: Visitor, screen: Screen) -> None:
    """Open a screen as it first looks: wide, and in the light."""
    page, is_of_site = visitor.page, screen.path[:1] == "/"
    page.emulate_media(color_scheme=LOOKS[0].scheme, reduced_motion="reduce")
    page.set_viewport_size(LOOKS[0].size)
    page.goto(visitor.origin + screen.path if is_of_site else visitor.address(screen.path))
    if screen.act:
        screen.act(page)
    page.evaluate(axe.axe_script)


def show(page: Page, look: Look, *, is_ours: bool) -> None:
    page.emulate_media(color_scheme=look.scheme)
    page.set_viewport_size(look.size)
    page.wait_for_load_state()
    # By locators: a function that has to be asked twice is refused by the page's content security policy.
    expect(page.locator(UNSETTLED)).to_have_count(0)
    if is_ours:
        scheme = "html.dark" if look.scheme == "dark" else "html:not(.dark)"
        page.locator(scheme).wait_for(state="attached")


def problems_at(page: Page, look: Look) -> Iterator[str]:
    for landmark in ("h1", "main"):
        if (count := page.locator(landmark).count()) != 1:
            yield f"{count} <{landmark}>"
    if overflow := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
        yield f"scrolls sideways by {overflow} px"
    for violation in violations_of(page, look.rules) if look.rules else ():
        nodes = [node for node in violation["nodes"] if COVERED not in node["failureSummary"]]
        for node in nodes[:3]:
            yield f"{violation['id']} at {node['target']}: {' '.join(node['failureSummary'].split())}"


def violations_of(page: Page, rules: dict[str, Any]) -> list[dict[str, Any]]:
    """What axe, which the page has loaded, finds there."""
    options = rules | {"resultTypes": ["violations"]}
    return page.evaluate(
        "async (options) => (await axe.run(document, options)).violations", options
    )
