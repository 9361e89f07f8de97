"""Firefox as Playwright's browser, and the contexts in it: each a reader with storage of its own."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from math import ceil, floor
from pathlib import Path
from typing import Any

from tests.browser.firefox import session as firefox
from tests.browser.firefox.page import Page, scrollbars
from tests.browser.firefox.session import Session
from tests.browser.firefox.told import Handler, Listeners

VIEWPORT = {"width": 1280, "height": 720}
LOCALE = "en-US"
FINGER, MOUSE = 1, 6
"""What Firefox takes a pointer to be capable of: coarse (1), fine (2) and beside what it points at (4)."""
SHOW = """({ number, media, scheme, scripts, touch }) => {
    const tab = gBrowser.tabs.find((each) => each.linkedBrowser.browserId === number);
    const shown = tab.linkedBrowser.browsingContext;
    shown.mediumOverride = media;
    shown.prefersColorSchemeOverride = scheme;
    shown.allowJavascript = scripts;
    shown.touchEventsOverride = touch;
    // Where there is nothing that sounds, what is silent plays all the same.
    if (!tab.linkedBrowser.audioMuted) tab.linkedBrowser.mute();
}"""
"""Shows a tab as developers' tools can, who emulate what a reader wants."""
PREPARE = """(prefs) => {
    for (const [name, value] of Object.entries(prefs))
        Services.prefs[typeof value === "boolean" ? "setBoolPref" : "setIntPref"](name, value);
}"""
FOCUSED = """async () => {
    const service = Cc["@mozilla.org/accessibilityService;1"].getService(Ci.nsIAccessibilityService);
    for (let left = 40; left > 0; left -= 1) {
        const page = service.getAccessibleFor(gBrowser.selectedBrowser)?.firstChild;
        const found = page?.focusedChild;
        // What has the focus is told to this process a moment later.
        if (found && found !== page && left < 39)
            return [service.getStringRole(found.role), found.name ?? "", found.description ?? ""];
        await new Promise((done) => setTimeout(done, 20));
    }
    return ["", "", ""];
}"""
"""Role, name and description of what has the focus in the tab in front, as assistive technology is told."""
NEWEST = "() => Math.max(...gBrowser.tabs.map((tab) => tab.linkedBrowser.browserId))"


class Context:
    """A reader's tabs."""

    def __init__(self, browser: Browser, settings: dict[str, Any]) -> None:
        self.browser = browser
        self.session = browser.session
        self.name = self.session.ask("browser.createUserContext")["userContext"]
        self.pages: list[Page] = []
        self.shown = {
            "color_scheme": settings.pop("color_scheme", "light"),
            "scripts": settings.pop("java_script_enabled", True),
            "touch": settings.pop("has_touch", False),
        }
        pointer = FINGER if self.shown["touch"] else MOUSE
        self._viewport = settings.pop("viewport", VIEWPORT)
        self.prefs: dict[str, bool | int] = {
            "ui.primaryPointerCapabilities": pointer,
            "ui.allPointerCapabilities": pointer,
            "ui.prefersReducedMotion": int(settings.pop("reduced_motion", "") == "reduce"),
            "dom.events.testing.asyncClipboard": bool(settings.pop("permissions", ())),
            **scrollbars(self._viewport),
        }
        self.folder = Path(tempfile.mkdtemp(prefix="sitegen-files-"))
        self._listeners = Listeners()
        self._asked: set[str] = set()
        self._last = time.monotonic()
        self._set_up(settings.pop("locale", LOCALE), settings.pop("offline", False))
        for name in ("is_mobile", "accept_downloads"):
            settings.pop(name, None)
        assert not settings, f"Firefox is not asked for {settings}"
        self.session.listeners.append(self._hear)

    def _set_up(self, locale: str, offline: bool) -> None:
        own = {"userContexts": [self.name]}
        saved = {"type": "allowed", "destinationFolder": str(self.folder)}
        self.session.ask("browser.setDownloadBehavior", downloadBehavior=saved, **own)
        self.session.ask("emulation.setLocaleOverride", locale=locale, **own)
        self.session.ask("browsingContext.setViewport", viewport=self._viewport, devicePixelRatio=1, **own)
        if offline:
            self.session.ask("emulation.setNetworkConditions", networkConditions={"type": "offline"}, **own)

    def new_page(self) -> Page:
        """Open an empty tab."""
        page = Page(self)
        self.pages.append(page)
        return page

    def on(self, event: str, handler: Handler) -> None:
        """Call back at every such event of any of its tabs."""
        self._listeners.on(event, handler)

    def tell(self, event: str, what: object) -> None:
        """Tell all who want to know."""
        self._listeners.tell(event, what)

    def add_init_script(self, script: str) -> None:
        """Run a script in every document before its own."""
        function = f"() => {{ {script} }}"
        self.session.ask("script.addPreloadScript", functionDeclaration=function, userContexts=[self.name])

    def _hear(self, method: str, told: dict[str, Any]) -> None:
        if not method.startswith("network."):
            return
        self._last = time.monotonic()
        number = told["request"]["request"]
        if method == "network.beforeRequestSent":
            self._asked.add(number)
        else:
            self._asked.discard(number)

    def quiet_s(self) -> float:
        """Return for how long nothing has been asked for."""
        return 0 if self._asked else time.monotonic() - self._last

    def close(self) -> None:
        """Close its tabs, and forget what was stored."""
        if self._hear not in self.session.listeners:
            return
        self.session.listeners.remove(self._hear)
        for page in list(self.pages):
            page.close()
        self.session.ask("browser.removeUserContext", userContext=self.name)
        shutil.rmtree(self.folder, ignore_errors=True)


class Browser:
    """A running Firefox."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.contexts: list[Context] = []
        self._prefs: dict[str, bool | int] = {}

    def new_context(self, **settings: Any) -> Context:
        """Return a reader with wishes of its own."""
        return Context(self, settings)

    def newest(self) -> int:
        """Return the number of the newest tab."""
        return int(self.session.own(NEWEST))

    def show(self, number: int, wishes: dict[str, Any]) -> None:
        """Show a tab as its reader wants it."""
        given = {
            "number": number,
            "media": {"print": "print"}.get(str(wishes.get("media")), ""),
            "scheme": wishes["color_scheme"],
            "scripts": wishes["scripts"],
            "touch": "enabled" if wishes["touch"] else "none",
        }
        self.session.own(SHOW, given)

    def focused(self) -> tuple[str, str, str]:
        """Return role, name and description of what has the focus, as assistive technology is told."""
        role, name, description = self.session.own(FOCUSED)
        return role, name, description

    def prepare(self, prefs: dict[str, bool | int]) -> None:
        """Set what holds for all tabs alike."""
        changed = {name: value for name, value in prefs.items() if self._prefs.get(name) != value}
        if changed:
            self.session.own(PREPARE, changed)
            self._prefs |= changed


@contextmanager
def running() -> Iterator[Browser]:
    """Start this machine's Firefox."""
    path = firefox.find()
    assert path, "install firefox-esr"
    with firefox.running(path) as session:
        yield Browser(session)


def beside(_: Browser) -> AbstractContextManager[Browser]:
    """Start another browser."""
    return running()


def focused(page: Page) -> tuple[str, str, str]:
    """Return role, name and description of what has the focus, as assistive technology is told."""
    return page.context.browser.focused()


def touch(page: Page) -> Callable[..., None]:
    """Return what puts fingers on the screen where it is told, moves them and takes them away."""
    return page.hands.touch


def within(start: float, length: float, share: float) -> float:
    """Return where the mouse stands at a share of a length: on a whole pixel, within what the share is of."""
    at = round(start + length * share)
    return min(max(at, ceil(start)), floor(start + length)) if 0 <= share <= 1 else at
