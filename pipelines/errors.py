"""The one error that a person can put right, and the nearest-name hint that goes with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager


class ContractError(Exception):
    """Something a person can put right: `where` it is, `what` is wrong, and a `hint` of what to do.

    Several problems found together travel in one error, as `problems`.
    """

    def __init__(self, where: str, what: str, hint: str = "", problems: Sequence[ContractError] = ()) -> None:
        self.where, self.what, self.hint = where, what, hint
        self.problems: tuple[ContractError, ...] = tuple(problems) or (self,)
        own = printable(f"{where}: {what}\n  {hint}" if hint else f"{where}: {what}")
        super().__init__("\n".join(map(str, problems)) if problems else own)

    @classmethod
    def together(cls, problems: Sequence[ContractError]) -> ContractError:
        """Return one error that says all of `problems`, at least one."""
        if len(problems) == 1:
            return problems[0]
        first = problems[0]
        return cls(first.where, first.what, first.hint, problems)


@contextmanager
def installed(where: str, extra: str = "pipelines") -> Iterator[None]:
    """Turn a library that is not installed into a `ContractError` that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        hint = f"install the {extra} extra: pip install 'explainsite[{extra}]'"
        raise ContractError(where, f'needs the library "{error.name}"', hint) from error


def printable(text: str) -> str:
    """Return text with all that a terminal would obey, line breaks aside, written as an escape."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def counted(count: int, one: str) -> str:
    """Return an amount in words: ``1 row``, ``1,797 rows``."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"


def row_name(row: int) -> str:
    """Return what messages call the row at an index: the first is row 1, as the first of a file is line 1."""
    return f"row {row + 1}"


MOST_NAMED = 40


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint: the known name that is most like `name`, then all of them, sorted; of very many some."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    rest = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    listed = f"({', '.join(names[:MOST_NAMED])}{rest})" if names else "(there are none)"
    return f'did you mean "{close[0]}"?  {listed}' if close else f"known: {listed}"
