"""What a person can mend, said as where, what and what to do.

    Exception
    └── SitegenError        one thing to mend
        ├── SitegenErrors   several of them, found together
        └── Consequence     what follows from another one

Anything else that is raised is a bug of sitegen and prints its stack.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pipelines.contract import counted as counted

PLACE = re.compile(r"(?P<file>.*?):(?P<line>\d+)(?::\d+)?", re.DOTALL)
"""A line of a file, and perhaps a column of it."""
SCREENFUL = 12
"""Problems shown at once; the rest is counted."""


class SitegenError(Exception):
    """One thing to mend: ``where`` is ``file``, ``file:line`` or ``file:line:column``.

    ``hint`` says what to do; it may be empty.
    """

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        message = f"{self.where}: {self.what}"
        return f"{message}\n  {self.hint}" if self.hint else message

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the message, without a stack."""
        return str(self).splitlines()


class SitegenErrors(SitegenError):  # noqa: N818 (plural of its base)
    """Several things to mend, sorted by place; prints at most a screenful."""

    def __init__(self, problems: Iterable[SitegenError]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: _place(problem.where)))
        super().__init__("sitegen", f"{len(self.problems)} problems")

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:SCREENFUL]]
        hidden = len(self.problems) - len(shown)
        if hidden:
            shown.append(f"… and {hidden} more")
        return "\n".join(shown)


class Consequence(SitegenError):  # noqa: N818 (not to be mended itself)
    """What follows from a problem that was noted already: it ends what it is raised in, and is not noted."""


class Problems:
    """Collects errors and warnings, so that one run names everything there is to mend."""

    def __init__(self) -> None:
        self.errors: list[SitegenError] = []
        self.warnings: list[SitegenError] = []
        self._noted: set[tuple[str, ...]] = set()
        self._follows: Consequence | None = None

    def add(self, where: str, what: str, hint: str = "") -> None:
        """Note an error: the build will stop at the next ``stop``."""
        self._note(self.errors, SitegenError(where, what, hint))

    def warn(self, where: str, what: str, hint: str = "") -> None:
        """Note something that a strict build refuses and another one reports."""
        self._note(self.warnings, SitegenError(where, what, hint))

    def extend(self, found: Problems) -> None:
        """Note what another collection holds, too."""
        for problem in found.errors:
            self._note(self.errors, problem)
        for problem in found.warnings:
            self._note(self.warnings, problem)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Note what the block raises, and go on after it."""
        try:
            yield
        except Consequence as follows:
            self._follows = Consequence(follows.where, follows.what)
        except SitegenErrors as several:
            for problem in several.problems:
                self._note(self.errors, problem)
        except SitegenError as problem:
            self._note(self.errors, problem)

    def _note(self, problems: list[SitegenError], problem: SitegenError) -> None:
        """Keep a problem once: a file that many pages are made from says its own on each of them."""
        if problem.args not in self._noted:
            self._noted.add(problem.args)
            # A copy without its stack, which would keep all that the failing code held.
            problems.append(SitegenError(problem.where, problem.what, problem.hint))

    def stop(self, *, strict: bool = False) -> None:
        """Raise what was collected, if anything; with ``strict`` warnings count too."""
        found = [*self.errors, *self.warnings] if strict else self.errors
        if self._follows and not found:
            raise self._follows
        if len(found) == 1:
            raise found[0]
        if found:
            raise SitegenErrors(found)


def size_in_words(count: int) -> str:
    """Return a number of bytes as people say it, in units of a thousand: `812 bytes`, `86 kB`, `9.4 MB`."""
    if count >= 1e9:
        return f"{count / 1e9:.2f} GB"
    if count >= 1e6:
        return f"{count / 1e6:.1f} MB"
    return f"{count / 1e3:.0f} kB" if count >= 1e3 else f"{count} bytes"


def nearest(name: str, known: Iterable[str], *, shown: int = 8) -> str:
    """Return a hint that offers the nearest of ``known`` and lists some of them, sorted."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    listed = ", ".join(names[:shown]) + (", …" if len(names) > shown else "")
    if not names:
        return "there are none"
    return f'did you mean "{close[0]}"?  ({listed})' if close else f"there is {listed}"


def _place(where: str) -> tuple[str, int]:
    found = PLACE.fullmatch(where)
    return (found["file"], int(found["line"])) if found else (where, 0)
