"""A tab of Firefox, and the frames in it, with the methods of Playwright's page that the tests use."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error
from playwright.sync_api import TimeoutError as NeverError

from tests.browser.firefox.hands import Hands
from tests.browser.firefox.locator import TIMEOUT_MS, Locator, Step, steps_of
from tests.browser.firefox.session import PATIENCE_S, Listener
from tests.browser.firefox.told import (
    Awaited,
    Client,
    Dialog,
    Handler,
    Listeners,
    Message,
    PageError,
    Response,
    Route,
    downloading,
    pattern,
    request_of,
)

if TYPE_CHECKING:
    from tests.browser.firefox.browser import Context

PHONE_PX = 480
POLL_S = 0.03
QUIET_S = 0.5
PAINTED_MS = 100
WAITS = {"load": "complete", "commit": "none"}
SHEETS = {"A4": (21.0, 29.7), "Letter": (21.59, 27.94)}
"""In centimetres."""
FOUND = Path(__file__).with_name("found.js").read_text("utf-8")
VALUE = """(() => {
    %s
    let value = (%s);
    if (typeof value === "function") value = value(%s);
    const told = (what) => JSON.stringify(what ?? null);
    return value instanceof Promise ? value.then(told) : told(value);
})()"""
"""Where scripts are off, nothing comes of promises: none is made that the script does not make."""
EXPOSE = """tell => {
    const waiting = [];
    const name = %s;
    window[name] = (...given) => new Promise((done) => tell(JSON.stringify([waiting.push(done) - 1, given])));
    window[name].answer = ([number, what]) => waiting[number](what);
}"""
"""Has a function of a document tell what it is given, and wait for the answer."""
GONE = ("no such frame", "AbortError", "discarded", "no such window", "NS_ERROR", "realm")
"""What Firefox says of a document that another took the place of."""


def scrollbars(window: dict[str, int]) -> dict[str, bool | int]:
    """Return what has the scrollbars of a phone's window lie over the page, as they do on phones."""
    return {"ui.useOverlayScrollbars": int(window["width"] <= PHONE_PX)}


def _kept_within(source: dict[str, Any], right: float, bottom: float) -> dict[str, Any]:
    edges = {"x": right, "y": bottom}
    kept = [
        {name: min(max(value, 0), edges[name]) if name in edges else value for name, value in each.items()}
        for each in source["actions"]
    ]
    return {**source, "actions": kept}


class Frame:
    """A document, of a tab or within one."""

    def __init__(self, context: Context, name: str) -> None:
        self.context = context
        self.session = context.session
        self.name = name
        self.hands = Hands(self._act)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command that is about this document."""
        self.front()
        return self.session.ask(method, context=self.name, **parameters)

    def front(self) -> None:
        """Bring the tab to the front."""

    def _act(self, source: dict[str, Any]) -> None:
        try:
            self.ask("input.performActions", actions=[source])
        except Error as error:
            if "out of bounds" not in str(error):
                raise
            # Firefox has no mouse beyond its window: what leaves it stays at its edge.
            edges = self.evaluate("[innerWidth - 1, innerHeight - 1]")
            self.ask("input.performActions", actions=[_kept_within(source, *edges)])

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Return what an expression, or a function of the argument, comes to."""
        return self._value("", script, argument)

    def asked(self, script: str, argument: object = None) -> Any:
        """Return what a function comes to that may use what `found.js` has."""
        return self._value(FOUND, script, argument)

    def _value(self, before: str, script: str, argument: object) -> Any:
        self.front()
        found = self._run(VALUE % (before, script.strip().rstrip(";"), json.dumps(argument)))
        if "SyntaxError" in found.get("exceptionDetails", {}).get("text", ""):
            # Statements are no expression: they are run for what they do.
            found = self._run(f"{script}\n;'null'")
        if found["type"] != "success":
            raise Error(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def _run(self, expression: str) -> dict[str, Any]:
        target = {"context": self.name}
        return self.session.ask(
            "script.evaluate", expression=expression, target=target, awaitPromise=True, userActivation=True
        )

    def until(
        self, ask: Callable[[], Any], what: str | Callable[[], str], timeout: float | None = None
    ) -> Any:
        """Return what is asked for as soon as it is true; raises where it never is."""
        end = time.monotonic() + (TIMEOUT_MS if timeout is None else timeout) / 1000
        while True:
            found = self._tried(ask)
            if found:
                return found
            if time.monotonic() > end:
                message = f"never: {what if isinstance(what, str) else what()}"
                raise NeverError(message)
            self.session.listen(POLL_S)

    @staticmethod
    def _tried(ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except Error as error:
            # The next document is asked.
            if any(word in str(error) for word in GONE):
                return None
            raise

    @property
    def url(self) -> str:
        """The address."""
        return str(self.evaluate("location.href"))

    def title(self) -> str:
        """Return the page's title."""
        return str(self.evaluate("document.title"))

    def content(self) -> str:
        """Return the page as HTML."""
        kind = "document.doctype ? '<!DOCTYPE html>' : ''"
        return str(self.evaluate(f"({kind}) + document.documentElement.outerHTML"))

    def locator(self, selector: str, **narrower: Any) -> Locator:
        """Return what a selector finds."""
        return Locator(self, steps_of(selector)).filter(**narrower)

    def get_by_role(self, role: str, name: str | None = None, exact: bool = False) -> Locator:
        """Return the shown elements of a role and a name, or a part of it."""
        return Locator(self, ()).get_by_role(role, name, exact)

    def get_by_text(self, text: str, exact: bool = False) -> Locator:
        """Return the innermost elements of a text."""
        return Locator(self, ()).get_by_text(text, exact)

    def eval_on_selector(self, selector: str, script: str, argument: object = None) -> Any:
        """Return what a function of the first element comes to."""
        return self.locator(selector).evaluate(script, argument)

    def eval_on_selector_all(self, selector: str, script: str, argument: object = None) -> Any:
        """Return what a function of all elements comes to."""
        return self.locator(selector).evaluate_all(script, argument)

    def wait_for_timeout(self, milliseconds: float) -> None:
        """Wait."""
        self.session.listen(milliseconds / 1000)

    def wait_for_function(self, script: str, arg: object = None, timeout: float | None = None) -> None:
        """Wait until a function says true; raises where it never does."""
        self.until(lambda: self.evaluate(script, arg), script, timeout)

    def wait_for_selector(
        self, selector: str, state: str = "visible", timeout: float | None = None
    ) -> Locator:
        """Wait until an element is there, shown, hidden or gone."""
        found = self.locator(selector)
        found.wait_for(state, timeout)
        return found.first

    def wait_for_url(self, glob: str, timeout: float | None = None) -> None:
        """Wait until the address is such a one."""
        wanted = pattern(glob)
        self.until(lambda: wanted.match(self.url), glob, timeout)
        self.wait_for_load_state()

    def wait_for_load_state(self, state: str = "load") -> None:
        """Wait until the document and what it needs are there."""
        self.until(lambda: self.evaluate("document.readyState === 'complete'"), state)
        if state == "networkidle":
            self.until(lambda: self.context.quiet_s() > QUIET_S, state)

    def set_files(self, steps: tuple[Step, ...], files: list[str]) -> None:
        """Give files to a field."""
        self.front()
        expression = f"(() => {{ {FOUND}; return all({json.dumps(steps)})[0]; }})()"
        target = {"context": self.name}
        found = self.session.ask("script.evaluate", expression=expression, target=target, awaitPromise=False)
        element = {"sharedId": found["result"]["sharedId"]}
        self.ask("input.setFiles", element=element, files=files)

    def picture(self, box: dict[str, float]) -> bytes:
        """Return a picture of a part of the window, as PNG."""
        taken = self.ask("browsingContext.captureScreenshot", clip={"type": "box", **box})
        return base64.b64decode(taken["data"])


def _of_the_first(name: str) -> Callable[..., Any]:
    def use(self: Frame, selector: str, *values: Any, **settings: Any) -> Any:
        return getattr(self.locator(selector).first, name)(*values, **settings)

    use.__doc__ = getattr(Locator, name).__doc__
    return use


OF_THE_FIRST = (
    *("bounding_box", "check", "click", "dblclick", "fill", "focus", "get_attribute", "hover", "inner_html"),
    *("inner_text", "input_value", "is_checked", "is_disabled", "is_enabled", "is_hidden", "is_visible"),
    *("press", "select_option", "set_input_files", "text_content", "type", "uncheck"),
)
"""What a page does with the first element that a selector finds."""
for _name in OF_THE_FIRST:
    setattr(Frame, _name, _of_the_first(_name))


class Page(Frame):
    """A tab."""

    def __init__(self, context: Context) -> None:
        made = context.session.ask("browsingContext.create", type="tab", userContext=context.name)
        super().__init__(context, made["context"])
        self.number = context.browser.newest()
        self._listeners = Listeners()
        self._routes: list[tuple[str, Handler]] = []
        self._media: dict[str, str] = {}
        hands = self.hands
        self.keyboard = SimpleNamespace(press=hands.press, down=hands.down, up=hands.up, type=hands.type)
        self.mouse = SimpleNamespace(
            move=hands.move,
            down=hands.mouse_down,
            up=hands.mouse_up,
            click=hands.click,
            dblclick=hands.double_click,
            wheel=self._wheel,
        )
        self._hearing: list[Listener] = [self._hear]
        self.session.listeners.append(self._hear)
        self.on = self._listeners.on
        self.request = Client()

    def front(self) -> None:
        """Bring the tab to the front."""
        if self.session.front is not self:
            self.session.front = self
            self.context.browser.prepare(self.context.prefs)
            self.session.ask("browsingContext.activate", context=self.name)

    def _wheel(self, across: float, down: float) -> None:
        # What is scrolled is what was last painted below the mouse.
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.wait_for_timeout(PAINTED_MS)
        self.hands.wheel(across, down)

    @property
    def frames(self) -> list[Frame]:
        """The page and every frame in it."""
        inner = [name for name in self.session.parents if self.session.parents[name] == self.name]
        return [self, *(InnerFrame(self, name) for name in inner)]

    def _hear(self, method: str, told: dict[str, Any]) -> None:
        context = told.get("context") or told.get("source", {}).get("context")
        if self.session.top(context) != self.name or _is_within(told):
            return
        if method == "log.entryAdded":
            self._said(told)
        elif method == "browsingContext.userPromptOpened":
            dialog = Dialog(self.session, told["context"], told["type"], told.get("message", ""))
            if not self._listeners.tell("dialog", dialog):
                dialog.dismiss()
        elif method.startswith("network."):
            self._loaded(method, told)

    def _said(self, told: dict[str, Any]) -> None:
        # What Firefox itself remarks on (type javascript) at a lower level is no word of the page.
        if told["type"] == "console":
            kind = "warning" if told["level"] == "warn" else told["level"]
            self._tell("console", Message(kind, str(told["text"])))
        elif told["level"] == "error":
            self._tell("pageerror", PageError(str(told["text"])))

    def _loaded(self, method: str, told: dict[str, Any]) -> None:
        request = request_of(told)
        if method == "network.responseCompleted":
            self._tell("response", Response(request.url, told["response"]["status"]))
        elif method == "network.fetchError":
            self._tell("requestfailed", request)
        else:
            self._tell("request", request)
            if told["isBlocked"]:
                self._route(Route(self.session, told["request"]["request"], request))

    def _tell(self, event: str, what: object) -> None:
        self.context.tell(event, what)
        self._listeners.tell(event, what)

    def _route(self, route: Route) -> None:
        for glob, handler in reversed(self._routes):
            if pattern(glob).match(route.request.url):
                handler(route)
                return
        route.continue_()

    def route(self, glob: str, handler: Handler) -> None:
        """Have requests wait for what a test does with them."""
        if not self._routes:
            phases = ["beforeRequestSent"]
            self.session.ask("network.addIntercept", phases=phases, contexts=[self.name])
        self._routes.append((glob, handler))

    def goto(self, url: str, wait_until: str = "load", timeout: float = PATIENCE_S * 1000) -> None:
        """Open an address; with `commit`, wait only until its document has begun to come."""
        self._set_media()
        self.session.patience_s = timeout / 1000
        try:
            self.ask("browsingContext.navigate", url=url, wait=WAITS[wait_until])
        finally:
            self.session.patience_s = PATIENCE_S
        if wait_until == "commit":
            self.until(lambda: self.url == url, url)
        self._set_media()

    def set_content(self, html: str) -> None:
        """Put a page in the place of this one."""
        self.evaluate("html => { document.open(); document.write(html); document.close(); }", html)
        self.wait_for_load_state()

    def reload(self) -> None:
        """Load the page anew."""
        self.ask("browsingContext.reload", wait="complete")

    def go_back(self, **_: object) -> None:
        """Go back in the history."""
        self._go(-1)

    def go_forward(self, **_: object) -> None:
        """Go forward in the history."""
        self._go(1)

    def _go(self, delta: int) -> None:
        self.ask("browsingContext.traverseHistory", delta=delta)

    def add_init_script(self, script: str = "", path: Path | None = None) -> None:
        """Run a script, or that of a file, in every document before its own."""
        function = f"() => {{ {path.read_text('utf-8') if path else script}\n}}"
        self.session.ask("script.addPreloadScript", functionDeclaration=function, contexts=[self.name])

    def expose_function(self, name: str, function: Callable[..., Any]) -> None:
        """Let the scripts of documents that are loaded from now on call a function, and await its answer."""
        channel = {"type": "channel", "value": {"channel": f"{self.name} {name}"}}
        self.session.ask(
            "script.addPreloadScript",
            functionDeclaration=EXPOSE % json.dumps(name),
            arguments=[channel],
            contexts=[self.name],
        )

        def hear(method: str, told: dict[str, Any]) -> None:
            if method == "script.message" and told["channel"] == f"{self.name} {name}":
                number, given = json.loads(told["data"]["value"])
                answer = json.dumps([number, function(*given)])
                told_of = f"window[{json.dumps(name)}].answer({answer})"
                InnerFrame(self, told["source"]["context"]).answer(told_of)

        self._hearing.append(hear)
        self.session.listeners.append(hear)

    def expect_download(self) -> AbstractContextManager[Awaited]:
        """Wait for a download that begins within."""
        return downloading(self.session, self.name)

    def emulate_media(self, media: str | None = None, **features: str) -> None:
        """Show the page as for a medium, or as a reader wants it who likes it dark."""
        given = {"media": media, **features}
        self._media |= {name: value for name, value in given.items() if value is not None}
        self._set_media()

    def _set_media(self) -> None:
        self.context.browser.show(self.number, {**self.context.shown, **self._media})
        if "reduced_motion" in self._media:
            reduces = int(self._media["reduced_motion"] == "reduce")
            self.context.browser.prepare({"ui.prefersReducedMotion": reduces})

    def set_viewport_size(self, size: dict[str, int]) -> None:
        """Make the window's inside of a size."""
        self.context.prefs |= scrollbars(size)
        self.context.browser.prepare(self.context.prefs)
        self.ask("browsingContext.setViewport", viewport=dict(size))
        self.until(lambda: self.evaluate("innerWidth") == size["width"], f"the window is {size}")

    @property
    def viewport_size(self) -> dict[str, int]:
        """The size of the window's inside."""
        return dict(self.evaluate("({width: innerWidth, height: innerHeight})"))

    def pdf(self, path: Path | None = None, print_background: bool = True, **size: str) -> bytes:
        """Print, with margins as the page wants them."""
        width, height = SHEETS[size.get("format", "A4")]
        page = {"width": width, "height": height}
        margin = dict.fromkeys(("top", "bottom", "left", "right"), 0)
        printed = base64.b64decode(
            self.ask("browsingContext.print", page=page, margin=margin, background=print_background)["data"]
        )
        if path:
            path.write_bytes(printed)
        return printed

    def bring_to_front(self) -> None:
        """Bring the tab to the front."""
        self.front()

    def close(self) -> None:
        """Close the tab."""
        if self._hear not in self.session.listeners:
            return
        for hear in self._hearing:
            self.session.listeners.remove(hear)
        self.session.ask("browsingContext.close", context=self.name)
        self.context.pages.remove(self)
        if self.session.front is self:
            self.session.front = None


def _is_within(told: dict[str, Any]) -> bool:
    """Say whether what is asked for is a part of the file that asks: Playwright tells nothing of that."""
    return str(told.get("request", {}).get("url", "")).startswith("data:")


class InnerFrame(Frame):
    """A document in a tab's."""

    def __init__(self, page: Page, name: str) -> None:
        super().__init__(page.context, name)
        self.page = page

    def front(self) -> None:
        """Bring the tab to the front."""
        self.page.front()

    def answer(self, script: str) -> None:
        """Run what answers a script, unless its document has been left."""
        self._tried(lambda: self.evaluate(script))
