"""What Firefox tells of a page, as Playwright's events."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from playwright.sync_api import Error

from tests.browser.firefox.session import Session

Handler = Callable[[Any], Any]


class Listeners:
    """Who wants to be told what."""

    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}

    def on(self, event: str, handler: Handler) -> None:
        """Call back at every such event."""
        self._handlers.setdefault(event, []).append(handler)

    def tell(self, event: str, what: object) -> bool:
        """Tell all who want to know; say whether there was one."""
        handlers = self._handlers.get(event, [])
        for handler in handlers:
            handler(what)
        return bool(handlers)


@dataclass(frozen=True)
class Message:
    """A word on the console."""

    type: str
    text: str


@dataclass(frozen=True)
class PageError:
    """What a script threw."""

    message: str

    @property
    def stack(self) -> str:
        """All that Firefox says."""
        return self.message

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Request:
    """What was asked for; `failure` where it did not come."""

    url: str
    resource_type: str
    failure: str | None = None


@dataclass(frozen=True)
class Response:
    """What came."""

    url: str
    status: int

    @property
    def ok(self) -> bool:
        """Say whether it is what was asked for."""
        return self.status < HTTPStatus.BAD_REQUEST


class Client:
    """Asks servers beside the page, as Playwright's does."""

    def get(self, url: str) -> Response:
        """Ask for an address."""
        try:
            with urlopen(url) as answer:
                return Response(url, answer.status)
        except HTTPError as error:
            return Response(url, error.code)


@dataclass(frozen=True)
class Dialog:
    """What Firefox asks of the reader."""

    session: Session
    context: str
    type: str
    message: str

    def accept(self) -> None:
        """Say yes."""
        self._answer(True)

    def dismiss(self) -> None:
        """Say no."""
        self._answer(False)

    def _answer(self, accept: bool) -> None:
        self.session.ask("browsingContext.handleUserPrompt", context=self.context, accept=accept)


@dataclass(frozen=True)
class Route:
    """A request that waits for what a test does with it."""

    session: Session
    number: str
    request: Request

    def abort(self) -> None:
        """Have it fail."""
        self.session.ask("network.failRequest", request=self.number)

    def continue_(self) -> None:
        """Let it go on."""
        self.session.ask("network.continueRequest", request=self.number)

    def fulfill(self, status: int = 200, body: str = "", content_type: str = "text/plain") -> None:
        """Answer it."""
        headers = [{"name": "Content-Type", "value": {"type": "string", "value": content_type}}]
        given = {"type": "string", "value": body}
        self.session.ask(
            "network.provideResponse", request=self.number, statusCode=status, headers=headers, body=given
        )


class Download:
    """A file that the page gives to the reader."""

    def __init__(self, session: Session, told: dict[str, Any]) -> None:
        self._session = session
        self.suggested_filename = str(told["suggestedFilename"])
        self.url = str(told["url"])
        self.ended: dict[str, Any] | None = None
        self._saved: Path | None = None

    def path(self) -> Path:
        """Return where it was saved."""
        for _ in range(600):
            if self.ended:
                break
            self._session.listen(0.05)
        if not self.ended or self.ended["status"] != "complete":
            message = f"{self.suggested_filename} was not saved: {self.ended}"
            raise Error(message)
        if self._saved is None:
            # Moved out of the way: the next of this name is to keep its name.
            file = Path(self.ended["filepath"])
            self._saved = Path(tempfile.mkdtemp(dir=file.parent)) / self.suggested_filename
            shutil.move(file, self._saved)
        return self._saved

    def save_as(self, path: Path) -> None:
        """Copy what was saved."""
        shutil.copyfile(self.path(), path)


@dataclass
class Awaited:
    """What is to come."""

    value: Any = None


@contextmanager
def downloading(session: Session, context: str) -> Iterator[Awaited]:
    """Wait for a download that begins within."""
    awaited = Awaited()

    def hear(method: str, told: dict[str, Any]) -> None:
        if session.top(told.get("context")) != context:
            return
        if method == "browsingContext.downloadWillBegin" and awaited.value is None:
            awaited.value = Download(session, told)
        elif method == "browsingContext.downloadEnd" and awaited.value:
            awaited.value.ended = told

    session.listeners.append(hear)
    try:
        yield awaited
        for _ in range(600):
            if awaited.value:
                break
            session.listen(0.05)
        if awaited.value is None:
            message = "no download began"
            raise Error(message)
        awaited.value.path()
    finally:
        session.listeners.remove(hear)


def pattern(glob: str) -> re.Pattern[str]:
    """Return what a glob of addresses matches: `**` is anything, `*` anything without a slash."""
    wild = {"**": ".*", "*": "[^/]*"}
    parts = (wild.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*)", glob))
    return re.compile(f"^{''.join(parts)}$")


def request_of(told: dict[str, Any]) -> Request:
    """Return the request that an event is about."""
    asked = told["request"]
    is_left = told.get("errorText") == "NS_BINDING_ABORTED"
    failure = "net::ERR_ABORTED" if is_left else told.get("errorText")
    return Request(asked["url"], asked.get("destination") or "other", failure)
