"""What the browser tests ask of a browser, behind a small interface: another browser is another class."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ROOT = Path(__file__).parents[2]
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
SETTLED_MS = 60
LIVE_TIMEOUT_MS = 60_000


def launch(playwright: Playwright) -> Browser:
    """Start Chromium from the PATH, else Playwright's own."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)


@dataclass
class Tab:
    """An open page and everything that went wrong on it."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.messages.append(f"uncaught: {error}"))
        self.page.on("dialog", lambda dialog: (self.messages.append("dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.failures.append(request.url))
        self.page.on("response", lambda got: got.status >= 400 and self.failures.append(got.url))

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.messages.append(f"{kind}: {text}")

    def open(self, url: str) -> Tab:
        """Go there; the page is static."""
        self.page.goto(url)
        return self

    def live(self) -> Tab:
        """Touch the page, and wait until its views are live."""
        if self.state() == "static":
            self.page.keyboard.press("Shift")
        self.page.wait_for_selector("html[data-sitegen=live]", timeout=LIVE_TIMEOUT_MS)
        self.settle()
        return self

    def state(self) -> str:
        """Return the page's mark: static, live or error."""
        return str(self.page.evaluate("document.documentElement.dataset.sitegen"))

    def settle(self) -> None:
        """Wait until everything selected so far is answered and drawn, twice: a link may trigger another."""
        for _ in range(2):
            self.page.wait_for_timeout(SETTLED_MS)
            self.page.evaluate("document.sitegen && document.sitegen.settled()")

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return what every view says passes, and of how many, by id."""
        script = """Object.fromEntries([...document.querySelectorAll('.view')].map(
            v => [v.id, [Number(v.dataset.rows), Number(v.dataset.total)]]))"""
        return {name: (rows, total) for name, (rows, total) in self.page.evaluate(script).items()}

    def rows(self, id_: str) -> int:
        """Return how many rows pass in a view."""
        return self.counts()[id_][0]

    def filter(self, expression: str) -> None:
        """Type a filter into the toolbar."""
        self.page.fill("input[name=filter]", expression)
        self.page.keyboard.press("Enter")
        self.settle()

    def hash_state(self) -> dict[str, Any]:
        """Return the state that the link carries, by view."""
        text = str(self.page.evaluate("location.hash")).partition("~")[2]
        pairs = (part.partition("=") for part in text.split("&") if part)
        decoded = {unquote(key): unquote(value) for key, _, value in pairs}
        return {key: value if key == "filter" else json.loads(value) for key, value in decoded.items()}

    def drag(self, id_: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag over a view's drawing; places are fractions of its width and height."""
        x0, y0 = self.place(id_, *start)
        x1, y1 = self.place(id_, *end)
        mouse = self.page.mouse
        mouse.move(x0, y0)
        mouse.down()
        mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=4)
        mouse.move(x1, y1, steps=4)
        mouse.up()
        self.settle()

    def place(self, id_: str, across: float, down: float) -> tuple[float, float]:
        """Return the window's coordinates of a place in a view's drawing."""
        drawing = self.page.locator(f"#{id_} .view-body svg:visible, #{id_} .view-body canvas").first
        drawing.scroll_into_view_if_needed()
        # The toolbar sticks to the top, so the drawing is moved to where nothing covers it.
        drawing.evaluate("element => element.scrollIntoView({block: 'center'})")
        box = drawing.bounding_box()
        assert box is not None
        return box["x"] + box["width"] * across, box["y"] + box["height"] * down

    def data_table(self, id_: str) -> list[list[str]]:
        """Return the cells of a view's data table."""
        script = """id => {
            const details = document.querySelector(`#${CSS.escape(id)} > .view-data`);
            if (!details) return [];
            details.open = true;
            const cells = row => [...row.cells].map(cell => cell.textContent);
            return new Promise(done => setTimeout(
                () => done([...details.querySelectorAll('tbody tr')].map(cells)), 60));
        }"""
        return [[str(cell) for cell in row] for row in self.page.evaluate(script, id_)]

    def payload(self) -> dict[str, Any]:
        """Return what the page's scripts were given."""
        return dict(json.loads(self.page.locator("#sitegen-page").text_content() or "{}"))


def build_site(report: Path, folder: Path) -> None:
    """Build a report as its author does, in a process of its own."""
    command = [sys.executable, "-m", "sitegen", "-C", str(report), "build", "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder below a prefix, silently."""

    def __init__(self, *arguments: Any, prefix: str, **keywords: Any) -> None:
        self.prefix = prefix
        super().__init__(*arguments, **keywords)

    def translate_path(self, path: str) -> str:
        """Map an address below the prefix to a file."""
        if not path.startswith(self.prefix):
            return str(Path(self.directory) / "there is nothing outside the prefix")
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def log_message(self, *arguments: Any) -> None:
        """Keep silent."""


@contextmanager
def serving(folder: Path, prefix: str = "/") -> Iterator[str]:
    """Serve a folder on a free local port; gives the address that ends with the prefix."""
    handler = partial(Handler, directory=str(folder), prefix=prefix)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        server.server_close()


OpenTab = Callable[..., Tab]


def tab_of(context: BrowserContext) -> Tab:
    """Open an empty tab."""
    return Tab(context.new_page())
