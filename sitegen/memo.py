"""Keeps what a build made, each with the content that it was made from, for the next one of the process.

A result is used again only when its inputs are equal, compared by content: no time stamps, no guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sitegen.parallel import spread

Name = tuple[str, ...]
"""What a result is of: ``("figure", "index.html", "accuracy")``. Each name keeps one result, the last."""

Result = TypeVar("Result")


@dataclass
class _Entry:
    inputs: object
    result: Any
    generation: int


class Memo:
    """Results by name; holds no more than the names that the last good build used."""

    def __init__(self) -> None:
        self._entries: dict[Name, _Entry] = {}
        self._generation = 0

    def recall(self, name: Name, inputs: object, make: Callable[[], Result]) -> Result:
        """Return the result kept under ``name`` if it was made from equal ``inputs``, else make and keep it.

        What ``make`` raises is raised; nothing is kept then.
        """
        if not self.holds(name, inputs):
            self._entries[name] = _Entry(inputs, make(), self._generation)
        result: Result = self._entries[name].result
        return result

    def recall_each(self, wanted: Sequence[tuple[Name, object, Callable[[], Result]]]) -> list[Result]:
        """Return what ``recall`` returns for each; what has to be made is shared out to the machine's cores.

        So each ``make`` is pure, and its result can be pickled.
        """
        kept = {
            number: self._entries[name].result
            for number, (name, inputs, _) in enumerate(wanted)
            if self.holds(name, inputs)
        }
        missing = [number for number in range(len(wanted)) if number not in kept]
        made = spread(lambda number: wanted[number][2](), missing)
        for number, result in zip(missing, made, strict=True):
            name, inputs, _ = wanted[number]
            self._entries[name] = _Entry(inputs, result, self._generation)
            kept[number] = result
        return [kept[number] for number in range(len(wanted))]

    def holds(self, name: Name, inputs: object) -> bool:
        """Say whether ``recall`` would make nothing; counts as a use."""
        entry = self._entries.get(name)
        if entry is None or entry.inputs != inputs:
            return False
        entry.generation = self._generation
        return True

    def sweep(self) -> None:
        """Forget what was not used since the last sweep; called after a good build."""
        kept = {name: entry for name, entry in self._entries.items() if entry.generation == self._generation}
        self._entries = kept
        self._generation += 1
