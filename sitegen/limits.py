"""What every database of a report keeps to: one clock, nothing fetched, statements that end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

SETTINGS = (
    "TimeZone = 'UTC'",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
)
"""Set before anything is read."""


class Interruptible(Protocol):
    """A connection whose statement can be stopped from another thread."""

    def interrupt(self) -> None: ...


@contextmanager
def bounded(connection: Interruptible, seconds: float) -> Iterator[None]:
    """Interrupt what ``connection`` runs inside when it takes longer than ``seconds``, rows included."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
