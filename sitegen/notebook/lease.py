"""How long a document is taken to be open: one that says nothing for long is released."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

PERIOD = 30.0
"""Seconds between two looks; an open document says as often that it is there."""
SILENT = 20
"""Looks at which a document may have said nothing since the last one: ten minutes.

Browsers let a tab in the background speak once a minute, so that it is never silent for more than two looks.
"""
ANSWER = 1.0
"""Seconds in which a kernel that could hear a document answers itself."""


class Leases:
    """The documents that are open, by the names they give themselves.

    Looks are made on a thread of its own while there are any. Those in which the kernel could hear nobody, as
    a cell runs, count for nobody.
    """

    def __init__(self, release: Callable[[str], None], period: float = PERIOD, silent: int = SILENT) -> None:
        self._release = release
        self._period = period
        self._silent = silent
        self._looks: dict[str, int] = {}
        """How many looks ago each was heard."""
        self._loop: asyncio.AbstractEventLoop | None = None
        """What hears documents, where that is a loop: the kernel's, or that of its thread for messages."""
        self._lock = threading.Lock()
        self._ended: threading.Event | None = None
        """Set to end the thread that looks; none where no thread does."""

    def hear(self, reader: str) -> None:
        """Note that a document is there; called by whoever hears its messages."""
        with self._lock:
            self._looks[reader] = 0
            self._loop = _running()
            if self._ended is None:
                self._ended = threading.Event()
                threading.Thread(target=self._watch, args=[self._ended], name="leases", daemon=True).start()

    def end(self, reader: str) -> None:
        """Forget a document that has left."""
        with self._lock:
            self._looks.pop(reader, None)
            self._rest()

    def close(self) -> None:
        """Forget all."""
        with self._lock:
            self._looks.clear()
            self._rest()

    def _rest(self) -> None:
        if self._ended and not self._looks:
            self._ended.set()
            self._ended = None

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(self._period):
            self.look()

    def look(self) -> None:
        """Release those that were not heard of at too many looks."""
        if self._could_hear():
            for reader in self._overdue():
                self._release(reader)

    def _overdue(self) -> list[str]:
        with self._lock:
            self._looks = {reader: looks + 1 for reader, looks in self._looks.items()}
            return [reader for reader, looks in self._looks.items() if looks > self._silent]

    def _could_hear(self) -> bool:
        """Whether the loop that hears documents has time for them; one that has ended hears none any more."""
        loop, answered = self._loop, threading.Event()
        if loop is None or loop.is_closed():
            return True
        try:
            loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # closed meanwhile
            return True
        return answered.wait(ANSWER)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
