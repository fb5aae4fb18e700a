"""A page to look at, and getting it into the state that is meant."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class Screen:
    """A page below `/o/<slug>/`, or one of the whole site (a slash in front), and what to do there first."""

    name: str
    path: str
    act: Callable[[Page], object] | None = None
    is_ours: bool = True


def submit(name: str) -> Callable[[Page], object]:
    def act(page: Page) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()

    return act
