"""The kernel's side of a report: what its widget says and is told, and the queries of its pages.

A message is a mapping with a ``kind``, a ``number`` and the ``reader`` that asks, a document with the report
in it. The answer names both, and holds bytes or a ``problem``. Kinds are ``query`` (``sql``, ``generation``),
``bundle`` (the script and the styles of the views), ``sheet`` (``name``) and ``figure`` (``id``).
"""

from __future__ import annotations

import contextvars
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from sitegen.bundled import THEMES
from sitegen.native import Native, NativeError
from sitegen.notebook.page import Drawn
from sitegen.notebook.state import EMPTY
from sitegen.notebook.still import built

MOST_READERS = 32
"""Documents that are answered beside each other, and beside what the notebook runs."""
DIST = THEMES / "default" / "dist"

Answer = Callable[[Mapping[str, Any]], list[bytes]]


class ReportWidget(ipywidgets.Widget):  # type: ignore[misc]
    """The model of a report, shared by its views: never shown, it carries state and messages."""

    key = traitlets.Unicode().tag(sync=True)
    """Which report this is, among all that a document may show."""
    bundle = traitlets.Unicode().tag(sync=True)
    """Digest of the views' script and styles."""
    payload = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict(dict(EMPTY)).tag(sync=True)


class Channel:
    """Answers what the pages of a report ask; queries run on threads of their own."""

    def __init__(self, key: str) -> None:
        self._files = [built(DIST, name) for name in ("notebook.js", "notebook.css")]
        digest = hashlib.sha256(b"".join(self._files)).hexdigest()
        self.widget = ReportWidget(key=key, bundle=digest)
        self._native = Native()
        self._drawn: Drawn | None = None
        self._threads: OrderedDict[str, ThreadPoolExecutor] = OrderedDict()
        """One thread a document, so that its questions are answered in their order."""
        self._sending = threading.Lock()
        self._answers: Mapping[str, Answer] = {
            "query": self._query,
            "bundle": lambda _: self._files,
            "sheet": self._sheet,
            "figure": self._figure,
        }
        self.widget.on_msg(self._heard)

    def show(self, drawn: Drawn) -> None:
        """Take the page as it is now; its tables are opened when a page asks."""
        if self._drawn is None or self._drawn.generation != drawn.generation:
            self._native.renew({str(drawn.generation): drawn.relations})
        self._drawn = drawn
        self.widget.payload = drawn.payload()

    def close(self) -> None:
        """Answer nothing more, and give memory back."""
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)
        self._native.close()
        self.widget.close()

    def _heard(self, _: object, content: Any, __: object) -> None:
        # Which output a message belongs to is known to the thread that hears it.
        context = contextvars.copy_context()
        message = content if isinstance(content, dict) else {}
        self._thread(str(message.get("reader"))).submit(context.run, self._answer, message)

    def _thread(self, reader: str) -> ThreadPoolExecutor:
        if reader not in self._threads:
            self._threads[reader] = ThreadPoolExecutor(1, thread_name_prefix="report")
        self._threads.move_to_end(reader)
        while len(self._threads) > MOST_READERS:
            self._threads.popitem(last=False)[1].shutdown(wait=False)
        return self._threads[reader]

    def _answer(self, message: dict[str, Any]) -> None:
        told = {"number": message.get("number"), "reader": message.get("reader"), "kind": "answer"}
        try:
            buffers = self._answers[str(message.get("kind"))](message)
        except NativeError as error:
            self._send({**told, "problem": str(error)}, [])
        except (KeyError, TypeError) as error:
            self._send({**told, "problem": f"the kernel does not understand: {error}"}, [])
        else:
            self._send(told, buffers)

    def _send(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        with self._sending:
            self.widget.send(content, buffers)

    def _query(self, message: Mapping[str, Any]) -> list[bytes]:
        return [self._native.ask(str(message["generation"]), str(message["reader"]), str(message["sql"]))]

    def _sheet(self, message: Mapping[str, Any]) -> list[bytes]:
        found = self._shown.sheets()[str(message["name"])]
        return [found.read_bytes() if isinstance(found, Path) else found]

    def _figure(self, message: Mapping[str, Any]) -> list[bytes]:
        return [self._shown.markup[str(message["id"])].encode()]

    @property
    def _shown(self) -> Drawn:
        if self._drawn is None:
            message = "there is no view yet"
            raise NativeError(message)
        return self._drawn
