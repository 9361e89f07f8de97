"""Chromium, and what pages of Playwright's have no method for: `firefox.browser` has the same functions."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserType, CDPSession, Page, sync_playwright

FEATURES_OFF = [
    # What pops up below the address bar are pages, two for each new window: most of what one costs.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # Playwright's own, in whose place this list comes.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
]
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Nothing of the browser's own goes on."""
ARGUMENTS = [*QUIET, f"--disable-features={','.join(FEATURES_OFF)}"]
NAMES = ("chromium", "chromium-browser", "google-chrome")

Place = tuple[float, float]


def launch(kind: BrowserType) -> Browser:
    """Start Chromium from the PATH, else Playwright's own."""
    return kind.launch(executable_path=program(), args=ARGUMENTS)


def program() -> str | None:
    """Return the path of this machine's Chromium; None where Playwright's own is to be taken."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def running() -> Iterator[Browser]:
    """Start this machine's Chromium."""
    with sync_playwright() as playwright:
        opened = launch(playwright.chromium)
        yield opened
        opened.close()


@contextmanager
def beside(browser: Browser) -> Iterator[Browser]:
    """Start another browser; Playwright, which is running, starts it."""
    opened = launch(browser.browser_type)
    yield opened
    opened.close()


def focused(page: Page) -> tuple[str, str, str]:
    """Return role, name and description of what has the focus, as assistive technology is told."""
    session = _accessible(page)
    found = session.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
    asked = {"objectId": found["objectId"], "fetchRelatives": False}
    (node,) = session.send("Accessibility.getPartialAXTree", asked)["nodes"]
    said = (str(node.get(key, {}).get("value", "")) for key in ("role", "name", "description"))
    role, name, description = said
    return role, name, description


def _accessible(page: Page) -> CDPSession:
    """Return the session in which the browser tells what assistive technology is told.

    It is kept: one that ends takes along the tree that the browser made of the page for it.
    """
    if page not in _TELLING:
        _TELLING[page] = page.context.new_cdp_session(page)
        _TELLING[page].send("Accessibility.enable")
    return _TELLING[page]


_TELLING: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def touch(page: Page) -> Callable[..., None]:
    """Return what puts fingers on the screen where it is told, moves them and takes them away."""
    session = page.context.new_cdp_session(page)
    counts = [0]

    def put(*places: Place) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        kind = "touchEnd" if not places else "touchMove" if len(places) == counts[0] else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        counts[0] = len(places)

    return put


def within(start: float, length: float, share: float) -> float:
    """Return where the mouse stands at a share of a length."""
    return start + length * share
