"""Every screen, wide and narrow, light and dark: axe finds nothing, and the page keeps its promises.

With KITH_SHOTS=<folder> each screen is also photographed there.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, ViewportSize

from organizations.roles import Role
from organizations.scope import organization_scope
from organizations.services.organizations import member_add
from tests.e2e.conftest import Visitor
from tests.e2e.showcase import ORGANIZATION, Screen, make_showcase, submit
from tests.factories import make_organization

SHOTS = os.environ.get("KITH_SHOTS", "")
WIDTHS: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 800},
    "narrow": {"width": 320, "height": 640},
}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
# Nothing differs in the dark but colours, which no width changes.
RULES = {
    ("light", "wide"): {"runOnly": {"type": "tag", "values": WCAG}},
    ("light", "narrow"): {
        "runOnly": {"type": "tag", "values": WCAG},
        "rules": {name: {"enabled": False} for name in COLOURS},
    },
    ("dark", "wide"): {"runOnly": {"type": "rule", "values": COLOURS}},
}
# No request on its way, and Alpine has uncovered the page.
SETTLED = "!document.querySelector('.htmx-request, [x-cloak]') && document.readyState == 'complete'"
# A link that lies half under an open menu, or is cut where a list scrolls, is as large as ever.
COVERED = "partially obscured"
axe = Axe()

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
    Screen("forbidden", "contacts/new/"),
]
LOGGED_OUT = [
    Screen("login", "/login/"),
    Screen("login-wrong", "/login/", submit("Log in")),
]


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.django_db(transaction=True)
def test_every_screen(visitor_of: Callable[..., Visitor], look: str) -> None:
    organization = make_organization(name=ORGANIZATION, timezone="Europe/Oslo")
    owner = visitor_of(organization)
    newcomer = replace(owner, organization=make_organization())
    with organization_scope(newcomer.organization):
        member_add(user=owner.user, role=Role.OWNER)
    screens = make_showcase(organization, owner.user)
    found = look_at(owner, [*screens, *OF_THE_SITE], look) + look_at(newcomer, EMPTY, look)
    viewer = visitor_of(organization, role=Role.VIEWER)
    found += look_at(viewer, OF_A_VIEWER, look)
    viewer.page.context.clear_cookies()
    found += look_at(viewer, LOGGED_OUT, look)
    assert not found, "\n".join(found)


def look_at(visitor: Visitor, screens: list[Screen], look: str) -> list[str]:
    """What is wrong with each screen, wide and then narrow."""
    page = visitor.page
    page.emulate_media(color_scheme=look, reduced_motion="reduce")  # type: ignore[arg-type]
    page.route("**/fault/*", show_fault)
    return [problem for screen in screens for problem in problems_of(visitor, screen, look)]


def show_fault(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[1]
    route.fulfill(body=render_to_string(f"{name}.html"), content_type="text/html")


def problems_of(visitor: Visitor, screen: Screen, look: str) -> Iterator[str]:
    page = visitor.page
    page.set_viewport_size(WIDTHS["wide"])
    page.goto(
        visitor.origin + screen.path if screen.path[:1] == "/" else visitor.address(screen.path)
    )
    if screen.act:
        screen.act(page)
    for width, size in WIDTHS.items():
        rules = RULES.get((look, width)) if screen.is_ours else None
        if not rules and not SHOTS:
            continue
        page.set_viewport_size(size)
        page.wait_for_function(SETTLED)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{screen.name}-{width}-{look}.png", full_page=True)
        for problem in problems_at(page, rules) if rules else []:
            yield f"{screen.name}, {width}: {problem}"
    # Named by their screen here; those of a later moment are found when the visit ends.
    yield from (f"{screen.name}: {problem}" for problem in visitor.problems)
    visitor.problems.clear()


def problems_at(page: Page, rules: dict[str, Any]) -> Iterator[str]:
    for landmark in ("h1", "main"):
        if (count := page.locator(landmark).count()) != 1:
            yield f"{count} <{landmark}>"
    if overflow := page.evaluate("document.documentElement.scrollWidth - innerWidth"):
        yield f"scrolls sideways by {overflow} px"
    options = rules | {"resultTypes": ["violations"]}
    for violation in axe.run(page, options=options).response["violations"]:
        nodes = [node for node in violation["nodes"] if COVERED not in node["failureSummary"]]
        for node in nodes[:3]:
            yield f"{violation['id']} at {node['target']}: {' '.join(node['failureSummary'].split())}"
