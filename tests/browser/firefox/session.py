"""A running Firefox and the connection that drives it: commands, and what it tells of itself."""

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
from typing import Any

from playwright.sync_api import Error
from websocket import WebSocket, WebSocketTimeoutException, create_connection

NAMES = ("firefox-esr", "firefox")
PATIENCE_S = 60
WINDOW = (1600, 1500)
EVENTS = [
    "browsingContext.contextCreated",
    "browsingContext.downloadEnd",
    "browsingContext.downloadWillBegin",
    "browsingContext.userPromptOpened",
    "log.entryAdded",
    "network.beforeRequestSent",
    "network.fetchError",
    "network.responseCompleted",
    "script.message",
]
PREFS = {
    # Firefox's own pages and services have no part in what is tested.
    "browser.aboutConfig.showWarning": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    # The panel that shows a saved file would take the keys from the page.
    "browser.download.alwaysOpenPanel": False,
    # A tab that is not in front goes on as Playwright's do.
    "dom.min_background_timeout_value": 4,
    "dom.timeout.enable_budget_timer_throttling": False,
    "dom.disable_beforeunload": False,
    # A wheel that is turned by a test scrolls as a reader's does, and its end is told.
    "remote.events.async.wheel.enabled": True,
    "dom.require_user_interaction_for_beforeunload": False,
    # A list searches what is typed at once; a reader's keys do not wait for a page that is at work.
    "ui.menu.incremental_search.timeout": 10_000,
}
PROMPTS = {"unhandledPromptBehavior": {"default": "ignore", "beforeUnload": "ignore"}}
"""Whoever listens answers what Firefox asks."""

Listener = Callable[[str, dict[str, Any]], None]


def find() -> str | None:
    """Return the path of this machine's Firefox."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Session:
    """A connection to a running Firefox."""

    def __init__(self, address: str) -> None:
        self._socket: WebSocket = create_connection(f"{address}/session", suppress_origin=True)
        self._numbers = count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self.listeners: list[Listener] = []
        self.parents: dict[str, str | None] = {}
        self.patience_s: float = PATIENCE_S
        self.front: object = None
        """Which tab is in front."""
        self.ask("session.new", capabilities={"alwaysMatch": PROMPTS})
        self.ask("session.subscribe", events=EVENTS)
        tree = self.ask("browsingContext.getTree", **{"moz:scope": "chrome"})
        self._window = tree["contexts"][0]["context"]
        # The wheel is turned within the window, which is to hold every page.
        self.own("([width, height]) => resizeTo(width, height)", WINDOW)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer; raises what Firefox says is wrong.

        Who is told of an event may ask in turn: answers wait for whoever asked.
        """
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        end = time.monotonic() + self.patience_s
        while number not in self._answers:
            self._take(end - time.monotonic(), method)
        answer = self._answers.pop(number)
        if answer["type"] != "success":
            message = f"{method}: {answer['error']}: {answer['message']}"
            raise Error(message)
        return dict(answer["result"])

    def _take(self, seconds: float, method: str) -> None:
        self._socket.settimeout(max(seconds, 0.001))
        try:
            self._sort(json.loads(self._socket.recv()))
        except WebSocketTimeoutException:
            message = f"{method}: Firefox says nothing"
            raise Error(message) from None

    def _sort(self, message: dict[str, Any]) -> None:
        if message.get("type") == "event":
            self._tell(message["method"], message["params"])
        else:
            self._answers[message["id"]] = message

    def listen(self, seconds: float) -> None:
        """Take in what Firefox tells for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                self._sort(json.loads(self._socket.recv()))
            except WebSocketTimeoutException:
                return

    def _tell(self, method: str, told: dict[str, Any]) -> None:
        if method == "browsingContext.contextCreated":
            self.parents[told["context"]] = told.get("parent")
        for listener in list(self.listeners):
            listener(method, told)

    def top(self, context: str | None) -> str | None:
        """Return the tab that a frame is in."""
        while context and (parent := self.parents.get(context)):
            context = parent
        return context

    def own(self, script: str, argument: object = None) -> Any:
        """Return what a function comes to in Firefox's own window, where its settings are."""
        expression = f"(async () => JSON.stringify((await ({script})({json.dumps(argument)})) ?? null))()"
        found = self.ask(
            "script.evaluate", expression=expression, target={"context": self._window}, awaitPromise=True
        )
        if found["type"] != "success":
            raise Error(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def close(self) -> None:
        """End the session."""
        self._socket.close()


@contextmanager
def running(path: str) -> Iterator[Session]:
    """Start Firefox with a profile of its own; gives the session."""
    with tempfile.TemporaryDirectory(prefix="sitegen-firefox-", ignore_cleanup_errors=True) as profile:
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFS.items())
        (Path(profile) / "user.js").write_text("".join(lines), "utf-8")
        command = [path, "--headless", "--no-remote", "--remote-debugging-port", "0"]
        command += ["--remote-allow-system-access", "--profile", profile]
        log = Path(profile) / "said.txt"
        with log.open("w") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
            try:
                session = Session(_address(process, log))
                yield session
                session.close()
            finally:
                process.terminate()
                process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < end:
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text("utf-8", "replace")):
            return found.group(1)
        time.sleep(0.05)
    message = f"Firefox ended before it could be driven:\n{log.read_text('utf-8', 'replace')}"
    raise AssertionError(message)
