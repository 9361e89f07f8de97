"""Says what the machine has, and shares work out to its cores, each share to a copy of this process.

A copy has one thread only. So work is shared out where this process has no more: before V8 or DuckDB starts.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")

FEWEST = 150
"""Items of a share: fewer are done sooner than a copy of the process is made."""
MOST_SHARES = 8

_THREADS = Path("/proc/self/task")
"""Where Linux lists this process's threads, those of libraries included."""


_GROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux says how much memory a container may use, in both of its versions."""
_UNSAID = 4 << 30
"""Bytes of memory that are taken to be there where the system does not say it."""


def cores() -> int:
    """Return how many cores this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def memory() -> int:
    """Return how many bytes of memory this process may use: the machine's, or those of its control group."""
    bounds = [_number(file) for file in _GROUPS]
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", ()):
        bounds.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min((bound for bound in bounds if bound > 0), default=_UNSAID)


def _number(file: Path) -> int:
    """Return the number in a file, 0 where there is none: a group without a bound says "max"."""
    with suppress(OSError, ValueError):
        return int(file.read_text("ascii"))
    return 0


def spread(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return ``work`` of each item, in the order of the items; what it raises is raised.

    ``work`` is pure, and its results can be pickled.
    """
    shares = _shares(len(items))
    with _copies(work, items, shares) as copies:
        found: list[list[Result] | None] = [[work(item) for item in items[::shares]]]
        found += [_received(copy) for copy in copies]
    # A copy that ended early has left its share undone: done here, it raises what it raised there.
    done = [
        [work(item) for item in items[share::shares]] if results is None else results
        for share, results in enumerate(found)
    ]
    return [done[index % shares][index // shares] for index in range(len(items))]


def _shares(items: int) -> int:
    """Return how many shares so many items make; 1 where a copy of this process could not go on."""
    if items < 2 * FEWEST or not _THREADS.is_dir() or len(list(_THREADS.iterdir())) > 1:
        return 1
    return min(MOST_SHARES, cores(), items // FEWEST)


@contextmanager
def _copies(work: Callable[[Item], Result], items: Sequence[Item], shares: int) -> Iterator[list[Connection]]:
    """Start a copy of this process for every share but the first, and give what each of them sends to."""
    if shares == 1:
        yield []
        return
    import multiprocessing  # most commands share nothing out, and start the sooner

    fork = multiprocessing.get_context("fork")
    processes, receivers = [], []
    try:
        for share in range(1, shares):
            receiver, sender = fork.Pipe(duplex=False)
            receivers.append(receiver)
            process = fork.Process(target=_send, args=(work, items[share::shares], sender, receivers))
            process.start()
            processes.append(process)
            sender.close()
        yield receivers
    finally:
        for process in processes:
            process.terminate()
            process.join()
        for receiver in receivers:
            receiver.close()


def _send(
    work: Callable[[Item], Result], items: Sequence[Item], sender: Connection, receivers: Sequence[Connection]
) -> None:
    # As long as a copy could read itself what it sends, it would wait for a reader that is gone.
    for receiver in receivers:
        receiver.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The share is done again where it was shared out, and raises there.
    with sender, suppress(Exception):
        sender.send([work(item) for item in items])


def _received(copy: Connection) -> list[Result] | None:
    with suppress(EOFError, OSError):  # it ended before it sent, or while it did
        results: list[Result] = copy.recv()
        return results
    return None
