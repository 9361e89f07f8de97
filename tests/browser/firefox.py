"""Debian's Firefox through WebDriver BiDi, as the part of a page's interface that ``Tab`` needs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from playwright.sync_api import Page
from websocket import WebSocket, WebSocketTimeoutException, create_connection

from tests.browser.driver import Tab

NAMES = ("firefox-esr", "firefox")
PATIENCE_S = 60
POLL_S = 0.05
KEYS = {
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Escape": "\ue00c",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
}
"""Keys that write nothing, as WebDriver names them."""
EVENTS = ["log.entryAdded", "network.beforeRequestSent", "network.fetchError", "network.responseCompleted"]
VALUE = """(async () => {
    let value = (%s);
    if (typeof value === "function") value = value(%s);
    return JSON.stringify((await value) ?? null);
})()"""
Listener = Callable[[Any], Any]


def find() -> str | None:
    """Return the path of this machine's Firefox."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Session:
    """A connection to a running Firefox: commands and what it tells of itself."""

    def __init__(self, address: str) -> None:
        self._socket: WebSocket = create_connection(f"{address}/session", suppress_origin=True)
        self._numbers = count(1)
        self.listeners: list[Callable[[str, dict[str, Any]], None]] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=EVENTS)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer; raises what Firefox says is wrong."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        self._socket.settimeout(PATIENCE_S)
        while True:
            message = json.loads(self._socket.recv())
            if message.get("type") == "event":
                self._tell(message)
            elif message["id"] == number:
                assert message["type"] == "success", f"{method}: {message}"
                return dict(message["result"])

    def listen(self, seconds: float) -> None:
        """Take in what Firefox tells for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                self._tell(json.loads(self._socket.recv()))
            except WebSocketTimeoutException:
                return

    def _tell(self, message: dict[str, Any]) -> None:
        for listener in self.listeners:
            listener(message["method"], message["params"])

    def close(self) -> None:
        """End the session."""
        self._socket.close()


class FirefoxPage:
    """A tab of Firefox with the methods of Playwright's page that ``Tab`` calls."""

    def __init__(self, session: Session, width: int, height: int) -> None:
        self._session = session
        self._id = session.ask("browsingContext.create", type="tab")["context"]
        self._viewport(width, height)
        self._listeners: dict[str, list[Listener]] = {}
        session.listeners.append(self._hear)
        self.context = SimpleNamespace(on=self.on)
        self.keyboard = SimpleNamespace(press=self.press, down=self.hold, up=self.release)
        self.mouse = SimpleNamespace(move=self._move, down=self._down, up=self._up, click=self._click)
        self._place = (0, 0)

    def _viewport(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._session.ask("browsingContext.setViewport", context=self._id, viewport=size)

    def on(self, event: str, listener: Listener) -> None:
        """Call back at every such event."""
        self._listeners.setdefault(event, []).append(listener)

    def _hear(self, method: str, told: dict[str, Any]) -> None:
        if told.get("context", told.get("source", {}).get("context")) not in (self._id, None):
            return
        if method == "log.entryAdded":
            is_console = told["type"] == "console"
            kind = "warning" if told["level"] == "warn" else told["level"]
            entry = SimpleNamespace(type=kind, text=told["text"]) if is_console else told["text"]
            # What Firefox itself remarks on (type javascript) at a lower level is no word of the page.
            if is_console or told["level"] == "error":
                self._say("console" if is_console else "pageerror", entry)
            return
        url = told["request"]["url"]
        if method == "network.beforeRequestSent":
            self._say("request", SimpleNamespace(url=url))
        elif method == "network.fetchError":
            is_left = told["errorText"] == "NS_BINDING_ABORTED"
            failure = "net::ERR_ABORTED" if is_left else told["errorText"]
            kind = told["request"].get("destination", "")
            self._say("requestfailed", SimpleNamespace(url=url, failure=failure, resource_type=kind))
        else:
            self._say("response", SimpleNamespace(url=url, status=told["response"]["status"]))

    def _say(self, event: str, what: object) -> None:
        for listener in self._listeners.get(event, []):
            listener(what)

    def goto(self, url: str) -> None:
        """Open an address."""
        self._session.ask("browsingContext.navigate", context=self._id, url=url, wait="complete")

    def reload(self) -> None:
        """Load the page anew."""
        self._session.ask("browsingContext.reload", context=self._id, wait="complete")

    def go_back(self, **_: object) -> None:
        """Go back in the history."""
        self._session.ask("browsingContext.traverseHistory", context=self._id, delta=-1)

    def go_forward(self, **_: object) -> None:
        """Go forward in the history."""
        self._session.ask("browsingContext.traverseHistory", context=self._id, delta=1)

    def title(self) -> str:
        """Return the page's title."""
        return str(self.evaluate("document.title"))

    def evaluate(self, script: str, argument: object = None) -> Any:
        """Return what an expression, or a function of the argument, comes to."""
        expression = VALUE % (script, json.dumps(argument))
        target = {"context": self._id}
        found = self._session.ask(
            "script.evaluate", expression=expression, target=target, awaitPromise=True, userActivation=True
        )
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return json.loads(found["result"]["value"])

    def wait_for_timeout(self, milliseconds: float) -> None:
        """Wait."""
        self._session.listen(milliseconds / 1000)

    def wait_for_function(self, script: str, **_: object) -> None:
        """Wait until a function says true; raises where it never does."""
        end = time.monotonic() + PATIENCE_S
        while not self.evaluate(script):
            assert time.monotonic() < end, f"never: {script}"
            self._session.listen(POLL_S)

    def wait_for_selector(self, selector: str, **_: object) -> None:
        """Wait until there is such an element."""
        self.wait_for_function(f"() => document.querySelector({json.dumps(selector)}) !== null")

    def fill(self, selector: str, text: str) -> None:
        """Write into a field as if it were typed at once."""
        script = """([selector, text]) => {
            const field = document.querySelector(selector);
            field.focus();
            field.select();
        }"""
        self.evaluate(script, [selector, text])
        for letter in text:
            self.press(letter)

    def click(self, selector: str) -> None:
        """Click the middle of an element."""
        script = """selector => {
            const element = document.querySelector(selector);
            element.scrollIntoView({block: "center", behavior: "instant"});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }"""
        self._click(*self.evaluate(script, selector))

    def press(self, key: str) -> None:
        """Press a key."""
        self._keys("keyDown", "keyUp", key=key)

    def hold(self, key: str) -> None:
        """Press a key and keep it down."""
        self._keys("keyDown", key=key)

    def release(self, key: str) -> None:
        """Let a key go."""
        self._keys("keyUp", key=key)

    def _keys(self, *kinds: str, key: str) -> None:
        value = KEYS.get(key, key)
        actions = [{"type": kind, "value": value} for kind in kinds]
        self._act({"type": "key", "id": "keyboard", "actions": actions})

    def _move(self, x: float, y: float, steps: int = 1) -> None:
        x0, y0 = self._place
        ways = [(x0 + (x - x0) * at / steps, y0 + (y - y0) * at / steps) for at in range(1, steps + 1)]
        self._place = (x, y)
        self._point(*({"type": "pointerMove", "x": round(a), "y": round(b), "duration": 0} for a, b in ways))

    def _down(self) -> None:
        self._point({"type": "pointerDown", "button": 0})

    def _up(self) -> None:
        self._point({"type": "pointerUp", "button": 0})

    def _click(self, x: float, y: float) -> None:
        self._move(x, y)
        self._down()
        self._up()

    def _point(self, *actions: dict[str, Any]) -> None:
        self._act({"type": "pointer", "id": "mouse", "actions": list(actions)})

    def _act(self, source: dict[str, Any]) -> None:
        self._session.ask("input.performActions", context=self._id, actions=[source])

    def close(self) -> None:
        """Close the tab."""
        self._session.listeners.remove(self._hear)
        self._session.ask("browsingContext.close", context=self._id)


@contextmanager
def running(path: str) -> Iterator[Session]:
    """Start Firefox with a profile of its own; gives the session."""
    with tempfile.TemporaryDirectory(prefix="sitegen-firefox-") as profile:
        command = [path, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", profile]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                session = Session(_address(process))
                yield session
                session.close()
            finally:
                process.terminate()
                process.wait()
        Path(profile).mkdir(exist_ok=True)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
            return found.group(1)
    message = "Firefox ended before it could be driven"
    raise AssertionError(message)


def tab_in(session: Session, width: int = 1280, height: int = 900) -> Tab:
    """Open an empty tab."""
    return Tab(cast(Page, FirefoxPage(session, width, height)))
