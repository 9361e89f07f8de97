"""Where the keys of a TOML file stand, so that a message can name the line: TOML's own reader says none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.errors import ContractError

_WORD = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_PATH = rf"{_WORD}(?:\s*\.\s*{_WORD})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_PATH})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_LONG_TEXT = re.compile(r'"""|' + "'''")
SECTIONS = ("datasets", "models", "tools")
"""The tables of a report's settings that errors of a run are about."""


class Places:
    """The lines of a file's tables and keys, by their path: `tools.digits.dataset`."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._lines: dict[str, int] = {}
        table: list[str] = []
        is_in_text = False
        for number, line in enumerate(text.splitlines(), start=1):
            if not is_in_text and (header := _HEADER.match(line)):
                table = _words(header.group(1))
                self._add(table, number)
            elif not is_in_text and (key := _KEY.match(line)):
                self._add([*table, *_words(key.group(1))], number)
            is_in_text ^= len(_LONG_TEXT.findall(line)) % 2 == 1

    def _add(self, path: Sequence[str], number: int) -> None:
        for end in range(1, len(path) + 1):
            self._lines.setdefault(".".join(path[:end]), number)

    def where(self, path: str) -> str:
        """Return `file:line` of a key, of the nearest table that would hold it, or else the file."""
        found = re.sub(r"\[\d+\]", "", path)
        while found and found not in self._lines:
            found = found.rpartition(".")[0]
        return f"{self.file}:{self._lines[found]}" if found else self.file

    def located(self, error: ContractError, tool: str) -> ContractError:
        """Return the error of a tool's run with the lines of the settings that its problems are about."""
        return ContractError.together([self._located(problem, tool) for problem in error.problems])

    def _located(self, problem: ContractError, tool: str) -> ContractError:
        path = problem.where
        if path == tool:
            path = f"tools.{tool}"
        elif path.startswith("parameters."):
            path = f"tools.{tool}.{path}"
        if path.partition(".")[0] not in SECTIONS:
            return problem
        # Many problems begin with the key that they are about: source "…" is not there.
        key = problem.what.partition(" ")[0]
        return ContractError(self.where(f"{path}.{key}"), f"{path}: {problem.what}", problem.hint)


def _words(path: str) -> list[str]:
    return [word.strip("\"'") for word in re.findall(_WORD, path)]
