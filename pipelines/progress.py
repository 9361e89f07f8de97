"""How far a run is and how long its steps take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a run is; `total` and `seconds_left` are None while unknown. A tool not run says "cached"."""

    name: str
    step: str
    done: int
    total: int | None
    seconds_left: float | None


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
            self.seconds[step] = round(self.seconds.get(step, 0) + self.clock() - start, 3)
