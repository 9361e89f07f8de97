"""The kernel's side of a report: what its widget says and is told, and the queries of its pages.

A message is a mapping with a ``kind``, a ``number`` and the ``reader`` that asks, a document with the report
in it. The answer names both, and holds bytes or a ``problem``; there always is one. Kinds are ``query``
(``sql``, ``generation``), ``bundle`` (the script and the styles of the views), ``sheet`` (``name``),
``figure`` (``id``), ``here``, which an open document says time and again, and ``leave``, a reader's last. A
document whose window is gone without a word is released when it has said nothing for long.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import ipywidgets
import traitlets

from sitegen.languages import Words
from sitegen.native import Native, NativeError
from sitegen.notebook.folder import Folder
from sitegen.notebook.lease import Leases
from sitegen.notebook.page import Drawn
from sitegen.notebook.state import EMPTY
from sitegen.notebook.still import built
from sitegen.notebook.view import DIST, View

MOST_READERS = 32
"""Documents that are answered beside each other, and beside what the notebook runs."""
BUNDLE, HERE, LEAVE = "bundle", "here", "leave"
IS_ANSWER = contextvars.ContextVar("IS_ANSWER", default=False)
"""Whether what is said now answers a page, in the context of what it said."""
LOG = logging.getLogger(__name__)

Message = Mapping[str, Any]
Answer = Callable[[Message], list[bytes]]
Item = TypeVar("Item")


class ReportWidget(ipywidgets.Widget):  # type: ignore[misc]
    """The model of a report, shared by its views: never shown, it carries state and messages."""

    bundle = traitlets.Unicode().tag(sync=True)
    """Digest of the views' script and styles."""
    payload = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict(dict(EMPTY)).tag(sync=True)
    heard: contextvars.Context | None = None
    """That of the last message from a page."""

    def _send(self, msg: Any, buffers: Any = None) -> None:
        # A kernel hears what a page says where its widget last spoke: had that been a cell, it would hear the
        # page on the thread of the cells, which a long one holds up.
        if self.heard is None or IS_ANSWER.get():
            super()._send(msg, buffers)
        else:
            self.heard.copy().run(super()._send, msg, buffers)


class Channel:
    """Answers what the pages of a report ask; queries run on threads of their own.

    It outlives its report where a document shows it still: what is shown goes on answering.
    """

    def __init__(self, folder: Folder, words: Words) -> None:
        self._folder = folder
        self._files = [_speaking(built(DIST, "notebook.js"), words), built(DIST, "notebook.css")]
        self._language = words.language
        self.widget = ReportWidget(bundle=hashlib.sha256(b"".join(self._files)).hexdigest())
        self._views: dict[str, View] = {}
        self._native = Native()
        self._drawn: Drawn | None = None
        self._threads: OrderedDict[str, ThreadPoolExecutor] = OrderedDict()
        """One thread a document, so that its questions are answered in their order."""
        self._last = ""
        """The document that spoke last."""
        self._leases = Leases(self._forsake)
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._is_read = self._is_abandoned = self.is_closed = False
        self._answers: Mapping[str, Answer] = {
            "query": self._query,
            BUNDLE: lambda _: self._files,
            "sheet": self._sheet,
            "figure": self._figure,
            HERE: lambda _: [],
            LEAVE: self._leave,
        }
        self.widget.on_msg(self._heard)

    def show(self, drawn: Drawn) -> None:
        """Take the page as it is now; its tables are opened when a page asks."""
        if self._drawn is None or self._drawn.generation != drawn.generation:
            self._native.renew({str(drawn.generation): drawn.relations})
        self._drawn = drawn
        self.widget.payload = drawn.payload()

    def view(self, name: str, markup: str) -> View:
        """Return the one output of that name, with what it shows now."""
        if name not in self._views or self._views[name].is_closed:
            self._views[name] = View(self.widget, name, self._language)
        self._views[name].markup = markup
        return self._views[name]

    def abandon(self) -> None:
        """Python has no more use for the report: close as soon as no document shows it."""
        with self._lock:
            self._is_abandoned = True
            is_awaited = not self._is_read and any(view.is_shown for view in self._views.values())
            is_shown = is_awaited or bool(self._threads)
        if not is_shown:
            self.close()

    def close(self) -> None:
        """Answer nothing more, and give memory and disk back; pictures stand where views were live."""
        with self._lock:
            self.is_closed = True
            threads = list(self._threads.values())
            self._threads.clear()
        self._leases.close()
        for thread in threads:
            thread.shutdown(wait=False, cancel_futures=True)
        self._native.close()
        for view in self._views.values():
            view.close()
        self.widget.close()
        self._folder.remove()

    # Messages -------------------------------------------------------------------------------------

    def _heard(self, _: object, content: Any, __: object) -> None:
        message = content if isinstance(content, dict) else {}
        # Which output a message belongs to is known to the thread that hears it.
        context = contextvars.copy_context()
        if message.get("kind") == BUNDLE:  # asked before there is a reader, and of no table
            context.run(self._answer, message)
            return
        with self._lock:
            if not self.is_closed:
                self._last = str(message.get("reader"))
                self.widget.heard = context.copy()
                self._thread(self._last).submit(context.run, self._answer, message)

    def _thread(self, reader: str) -> ThreadPoolExecutor:
        self._is_read = True
        self._leases.hear(reader)
        if reader not in self._threads:
            self._threads[reader] = ThreadPoolExecutor(1, thread_name_prefix="report")
        self._threads.move_to_end(reader)
        while len(self._threads) > MOST_READERS:
            given_up, thread = self._threads.popitem(last=False)
            self._leases.end(given_up)
            thread.shutdown(wait=False)
        return self._threads[reader]

    def _answer(self, message: Message) -> None:
        IS_ANSWER.set(True)
        told = {"number": message.get("number"), "reader": message.get("reader"), "kind": "answer"}
        try:
            buffers = self._asked(message)
        except NativeError as error:
            told, buffers = {**told, "problem": str(error)}, []
        except Exception as error:  # a mistake of ours: nobody waits for an answer, and it can be found
            LOG.exception("a page's question was not answered: %s", message.get("kind"))
            what = f"the kernel failed ({type(error).__name__}: {error}); what it wrote says where"
            told, buffers = {**told, "problem": what}, []
        self._send(told, buffers)
        self._close_if_left()

    def _asked(self, message: Message) -> list[bytes]:
        answer = self._answers.get(str(message.get("kind")))
        if answer is None:
            what = f'the kernel answers no question of the kind "{message.get("kind")}"'
            raise NativeError(what)
        return answer(message)

    def _send(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        try:
            with self._sending:
                self.widget.send(content, buffers)
        except Exception:
            LOG.exception("an answer could not be sent")

    def _query(self, message: Message) -> list[bytes]:
        generation, reader, sql = (_named(message, key) for key in ("generation", "reader", "sql"))
        return [self._native.ask(generation, reader, sql)]

    def _sheet(self, message: Message) -> list[bytes]:
        found = _one(self._shown.sheets(), _named(message, "name"), "sheet of images")
        return [found.read_bytes() if isinstance(found, Path) else found]

    def _figure(self, message: Message) -> list[bytes]:
        return [_one(self._shown.markup, _named(message, "id"), "view").encode()]

    def _leave(self, message: Message) -> list[bytes]:
        self._release(_named(message, "reader"))
        return []

    def _forsake(self, reader: str) -> None:
        """Release a document that was silent for long; should it be there still, it is answered anew."""
        self._release(reader)
        self._close_if_left()

    def _release(self, reader: str) -> None:
        self._leases.end(reader)
        self._native.leave(reader)
        with self._lock:
            thread = self._threads.pop(reader, None)
            if self._last == reader:  # nothing may be said to where nobody is
                self.widget.heard = None
        if thread:
            thread.shutdown(wait=False)

    def _close_if_left(self) -> None:
        with self._lock:
            is_left = self._is_abandoned and self._is_read and not self._threads
        if is_left and not self.is_closed:
            self.close()

    @property
    def _shown(self) -> Drawn:
        if self._drawn is None:
            message = "there is no view yet"
            raise NativeError(message)
        return self._drawn


def _speaking(script: bytes, words: Words) -> bytes:
    """Return the views' script with the words of a language before it.

    English is said, too: a document may hold reports in several languages, each with a script of its own.
    """
    few = words.within([script.decode()])
    said = json.dumps({"language": few.language, "texts": few.texts}, ensure_ascii=False)
    return f"globalThis.sitegenWords={said};\n".encode() + script


def _named(message: Message, key: str) -> str:
    if key not in message:
        what = f'a question of the kind "{message["kind"]}" says its "{key}"'
        raise NativeError(what)
    return str(message[key])


def _one(found: Mapping[str, Item], name: str, kind: str) -> Item:
    if name not in found:
        what = f'there is no {kind} "{name}"'
        raise NativeError(what)
    return found[name]
