"""What every database of a report keeps to: one clock, nothing fetched, an end and a share of memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from sitegen.parallel import memory

SETTINGS = (
    "TimeZone = 'UTC'",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
)
"""Set before anything is read."""

SHARE = 0.8
"""Of the memory, for all databases that are open at once."""
LEAST_MEMORY = 64 << 20
"""Bytes without which a database does nothing."""


def memory_limit(databases: int, most: int | None = None) -> str:
    """Return the setting of one of so many databases for its share of the memory, at most ``most`` bytes."""
    share = int(memory() * SHARE / databases)
    bound = share if most is None else min(share, most)
    return f"memory_limit = '{max(bound, LEAST_MEMORY) >> 20}MiB'"


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
