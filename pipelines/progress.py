"""How far a run is and how long its steps take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CACHED = "cached"
QUIET_SECONDS = 30.0
"""How long a step may go on before a log says how far it is."""


@dataclass(frozen=True)
class Progress:
    """How far a run is; `total` and `seconds_left` are None while unknown. A tool not run says "cached".

    `seconds` is what the step took, once it is over.
    """

    name: str
    step: str
    done: int
    total: int | None
    seconds_left: float | None
    seconds: float | None = None

    def __str__(self) -> str:
        done = f" {self.done}/{self.total}" if self.total else ""
        left = "" if self.seconds_left is None else f", {self.seconds_left:.0f} s left"
        return f"{self.name}: {self.step}{done}{left}"


class Diary:
    """What a log is told, where no line is rewritten: a step begins, now and then how far it is, its end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[tuple[str, str], float] = {}

    def entry(self, progress: Progress) -> str:
        """Return what there is to write down of a report; empty for one soon after the last."""
        key = (progress.name, progress.step)
        amount = f" of {progress.total:,}" if progress.total and progress.step != CACHED else ""
        if progress.seconds is not None:
            self._told.pop(key, None)
            return f"{progress.name}: {progress.step}{amount} done, {progress.seconds:.1f} s"
        now, told = self._clock(), self._told.get(key)
        if told is not None and now - told < QUIET_SECONDS:
            return ""
        self._told[key] = now
        return f"{progress.name}: {progress.step}{amount}" if told is None else str(progress)


class Steps:
    """Times the steps of one tool's run and reports their progress; `seconds` is what each has taken."""

    def __init__(self, name: str, clock: Callable[[], float], report: Callable[[Progress], None]) -> None:
        self.name, self.clock, self.report = name, clock, report
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, step: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Time a step; call what is given with the amount done so far, of `total`."""
        start = self.clock()

        def advance(done: int) -> None:
            spent = self.clock() - start
            left = spent / done * (total - done) if total and done else None
            self.report(Progress(self.name, step, done, total, left))

        advance(0)
        try:
            yield advance
        finally:
            spent = self.clock() - start
            self.seconds[step] = round(self.seconds.get(step, 0) + spent, 3)
        self.report(Progress(self.name, step, total or 1, total, None, spent))
