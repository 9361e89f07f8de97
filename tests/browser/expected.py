"""What is waited for in either browser: Playwright's own ``expect`` takes its own locators alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect as expect_of_playwright

from tests.browser.firefox.locator import Locator


class Expected:
    """What an element of Firefox is to become."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator

    def _until(self, test: str, argument: object = None) -> None:
        self._locator.until(f"(found, argument) => {test}", argument)

    def to_be_focused(self) -> None:
        """Wait until it has the focus."""
        self._until("found[0] !== undefined && found[0] === document.activeElement")

    def to_be_visible(self) -> None:
        """Wait until it is shown."""
        self._locator.wait_for("visible")

    def to_be_hidden(self) -> None:
        """Wait until it is not shown."""
        self._locator.wait_for("hidden")

    def to_have_count(self, count: int) -> None:
        """Wait until there are so many."""
        self._until("found.length === argument", count)

    def to_have_text(self, text: str) -> None:
        """Wait until it says this."""
        self._until("found.length > 0 && words(found[0]) === argument", " ".join(text.split()))

    def to_contain_text(self, text: str) -> None:
        """Wait until it says this among others."""
        self._until("found.length > 0 && words(found[0]).includes(argument)", " ".join(text.split()))


def expect(locator: Any) -> Any:
    """Return what can be waited for."""
    return Expected(locator) if isinstance(locator, Locator) else expect_of_playwright(locator)
