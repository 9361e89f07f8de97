"""What the browser tests ask of a browser, behind a small interface: another browser is another class."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Route

from sitegen.serve import Preview, PreviewServer, Watcher
from tests.browser import chromium
from tests.browser.firefox import browser as firefox

ROOT = Path(__file__).parents[2]
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".parquet": "application/octet-stream",
}
PAGE_KEYS = ("filter", "group", "whole", ".full")
"""What a link says of the page as a whole, as text; the rest is of views, as JSON."""
LEFT_OUT = (".data", ".tables")
"""What a link says of the data that it was made for, and which data tables are open: tests open them."""
BOX_OF = """const boxOf = label => {
    const {x, y, width, height} = label.getBBox();
    const corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
    const placed = corners.map(each => new DOMPoint(...each).matrixTransform(label.getScreenCTM()));
    return new DOMQuad(...placed).getBounds();
};"""
"""The box of a drawing's label in the window: Firefox takes a pixel around it into its client rectangle."""
SETTLED_MS = 60
LIVE_TIMEOUT_MS = 60_000

IS_FIREFOX = os.environ.get("SITEGEN_BROWSER") == "firefox"
engine: Any = firefox if IS_FIREFOX else chromium
"""What is asked of a browser that pages do not have; the pages of both have the methods of Playwright's."""

Place = tuple[float, float]
OpenTab = Callable[..., "Tab"]


def running() -> AbstractContextManager[Browser]:
    """Start a browser: Chromium, or Firefox where `SITEGEN_BROWSER` says so."""
    return cast(AbstractContextManager[Browser], engine.running())


def beside(browser: Browser) -> AbstractContextManager[Browser]:
    """Start another browser of the same kind."""
    return cast(AbstractContextManager[Browser], engine.beside(browser))


@dataclass
class Tab:
    """An open page and everything that went wrong on it."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    leaving: bool = False
    asked: int = 0
    """How often the browser asked whether the page may be left; it may."""

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.messages.append(f"uncaught: {error.stack or error}"))
        self.page.on("dialog", self._answer)
        # The context hears the requests of workers too.
        context = self.page.context
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("requestfailed", self._failed)
        context.on("response", lambda got: got.status >= 400 and self.failures.append(got.url))

    def _answer(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":
            self.asked += 1
            dialog.accept()
            return
        self.messages.append("dialog")
        dialog.dismiss()

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.messages.append(f"{kind}: {text}")

    def _failed(self, request: Request) -> None:
        # What nobody waits for any more is dropped, and is no failure: all that a page that is left was
        # loading, and an image whose drawing was drawn anew before it came. One that is missing or forbidden
        # fails with another reason.
        is_unwanted = self.leaving or request.resource_type == "image"
        if not (is_unwanted and request.failure == "net::ERR_ABORTED"):
            self.failures.append(request.url)

    def open(self, url: str) -> Tab:
        """Go there; the page is static."""
        self.leaving = True
        self.page.goto(url)
        self.leaving = False
        return self

    def live(self) -> Tab:
        """Touch the page, and wait until its views are live."""
        if self.state() == "static":
            self.page.keyboard.press("Shift")
        self.page.wait_for_selector("html[data-sitegen=live]", timeout=LIVE_TIMEOUT_MS)
        self.settle()
        return self

    @contextmanager
    def before_live(self) -> Iterator[None]:
        """Keep a page that wakes from being live for as long as the block lasts; then wait until it is."""
        held: list[Route] = []
        self.page.route("**/live*.js", lambda route: held.append(route))  # no built-in can be a handler
        yield
        assert self.state() == "static"
        assert held, "nothing has woken the page"
        for route in held:
            route.continue_()
        self.live()

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

    def reset(self) -> None:
        """Let go of everything that was selected, filtered and set."""
        self.page.evaluate("document.sitegen.reset()")
        self.settle()

    def hash_state(self) -> dict[str, Any]:
        """Return the state that the link carries, by view."""
        text = str(self.page.evaluate("location.hash")).partition("~")[2]
        pairs = (part.partition("=") for part in text.split("&") if part)
        decoded = {unquote(key): unquote(value) for key, _, value in pairs if unquote(key) not in LEFT_OUT}
        return {key: value if key in PAGE_KEYS else json.loads(value) for key, value in decoded.items()}

    def drag(self, id_: str, start: Place, end: Place) -> None:
        """Drag over a view's plot; places are fractions of its width and height."""
        x0, y0 = self.place(id_, *start)
        x1, y1 = self.place(id_, *end)
        mouse = self.page.mouse
        mouse.move(x0, y0)
        mouse.down()
        mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=4)
        mouse.move(x1, y1, steps=4)
        mouse.up()
        self.settle()

    def click(self, point: Place, *keys: str) -> None:
        """Click at the window's coordinates while keys (`Shift`) are held."""
        for key in keys:
            self.page.keyboard.down(key)
        self.page.mouse.click(*point)
        for key in keys:
            self.page.keyboard.up(key)
        self.settle()

    def double_click(self, point: Place) -> None:
        """Click twice at the window's coordinates."""
        self.page.mouse.dblclick(*point)
        self.settle()

    def focused(self) -> tuple[str, str, str]:
        """Return role, name and description of what has the focus, as assistive technology is told."""
        role, name, description = engine.focused(self.page)
        return role, name, description

    def touch(self) -> Callable[..., None]:
        """Return what puts fingers on the screen where it is told, moves them and takes them away."""
        return cast(Callable[..., None], engine.touch(self.page))

    def press(self, selector: str) -> None:
        """Click an element."""
        self.page.click(selector)
        self.settle()

    def back(self) -> None:
        """Go back in the browser's history."""
        self.page.go_back(wait_until="commit")
        self.settle()

    def forward(self) -> None:
        """Go forward in the browser's history."""
        self.page.go_forward(wait_until="commit")
        self.settle()

    def address(self) -> str:
        """Return the link as the address bar shows it; Playwright's own lags behind the page's changes."""
        return str(self.page.evaluate("location.href"))

    def texts(self, selector: str) -> list[str]:
        """Return the text of every such element that is shown."""
        script = """selector => [...document.querySelectorAll(selector)]
            .filter(each => each.checkVisibility()).map(each => each.textContent.trim())"""
        return [str(text) for text in self.page.evaluate(script, selector)]

    def place(self, id_: str, across: float, down: float) -> Place:
        """Return the window's coordinates of a place in a view's plot (a canvas is taken whole)."""
        # The toolbar sticks to the top, so the drawing is moved to where nothing covers it.
        script = """id => {
            const body = document.querySelector(`#${CSS.escape(id)} .view-body`);
            body.scrollIntoView({block: "center", behavior: "instant"});
            const drawn = [...body.querySelectorAll(".root path.background, canvas")];
            const box = drawn.find(each => each.checkVisibility()).getBoundingClientRect();
            return [box.x, box.y, box.width, box.height];
        }"""
        x, y, width, height = self.page.evaluate(script, id_)
        return engine.within(x, width, across), engine.within(y, height, down)

    def spilling(self) -> int:
        """Return how much of the page lies beside the window, in pixels: a scrollbar may take some of it."""
        whole = "document.documentElement"
        return int(self.page.evaluate(f"{whole}.scrollWidth - {whole}.clientWidth"))

    def marks(self, id_: str) -> list[Place]:
        """Return the middles of a chart's coloured marks, in the order of its data table."""
        self.place(id_, 0, 0)
        script = """id => [...document.querySelectorAll(`#${CSS.escape(id)} .role-mark.layer_1_marks path`)]
            .filter(path => path.checkVisibility()).map(path => {
                const box = path.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            })"""
        return [(x, y) for x, y in self.page.evaluate(script, id_)]

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
    _sitegen(report, "build", "--output", str(folder))


def analysed_site(report: Path, settings: str, page: str) -> Path:
    """Make the folder, which holds the data, a report of one page; run and build it; return its site."""
    (report / "sitegen.toml").write_text(settings)
    (report / "content").mkdir()
    (report / "content" / "index.md").write_text(page)
    _sitegen(report, "run")
    build_site(report, report / "site")
    return report / "site"


def _sitegen(report: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "sitegen", "-C", str(report), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True)
class Mounted:
    """A folder below a prefix; `changes` are answers that differ from its files, None for 404."""

    folder: Path
    prefix: str
    changes: Mapping[str, bytes | None]

    def read(self, path: str) -> bytes | None:
        """Return the bytes at an address below the prefix; None where there is nothing."""
        if not path.startswith(self.prefix):
            return None
        name = path.removeprefix(self.prefix) or "index.html"
        file = self.folder / name
        return self.changes[name] if name in self.changes else file.read_bytes() if file.is_file() else None


class Handler(BaseHTTPRequestHandler):
    """Answers from a mounted folder, silently."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, mounted: Mounted) -> None:
        self.mounted = mounted
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer with a file."""
        path = unquote(urlsplit(self.path).path)
        content = self.mounted.read(path)
        self.send_response(HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK)
        self.send_header("Content-Type", TYPES.get(Path(path).suffix, "text/html"))
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *arguments: Any) -> None:
        """Keep silent."""


@contextmanager
def answering(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """Let a handler answer on a free local port; gives the address without a path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def serving(
    folder: Path, prefix: str = "/", changes: Mapping[str, bytes | None] | None = None
) -> Iterator[str]:
    """Serve a folder on a free local port; gives the address that ends with the prefix."""
    with answering(partial(Handler, mounted=Mounted(folder, prefix, changes or {}))) as address:
        yield f"{address}{prefix}"


@contextmanager
def previewing(preview: Preview, settings: Path) -> Iterator[str]:
    """Serve a preview whose report is watched; gives its address."""
    stop = Event()
    with PreviewServer(preview, port=0) as server:
        threads = [
            Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}),
            Thread(target=Watcher(preview, settings).run, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield server.address
        finally:
            stop.set()
            server.shutdown()
            for thread in threads:
                thread.join()


def tab_of(context: BrowserContext) -> Tab:
    """Open an empty tab."""
    return Tab(context.new_page())
