"""Reads what the metrics of a card came to, a value a slice; says what of it measures nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from sitegen.answers import Rows
from sitegen.errors import Problems, counted
from sitegen.facts import Metric
from sitegen.numbers import format_value, is_number, is_undefined

COLUMNS = ("value", "successes", "n", "low", "high", "slice")
"""What a metric's query may answer."""
LEVEL = 0.95
"""Of the intervals that are computed here."""

Fault = tuple[str, str]
"""What is wrong, as of "the metric …", and what to do."""
Told = Mapping[str, Any]
"""A row, by column."""


@dataclass(frozen=True)
class Measured:
    """One value of a metric: of all the data, or of a slice of it."""

    metric: Metric
    value: float
    slice: str = ""
    low: float | None = None
    high: float | None = None
    """Ends of its interval, where it has one."""
    n: int | None = None


def read_measures(metric: Metric, found: Rows, where: str, problems: Problems) -> Iterator[Measured]:
    """Yield what a metric's query answered, row by row; what is wrong with it is noted."""
    columns = [column.lower() for column in found.columns]
    rows = [dict(zip(columns, row, strict=True)) for row in found.rows]
    fault = _fault_of_columns(found.columns, columns) or _fault_of_rows(found, rows)
    if fault:
        problems.add(where, f'the metric "{metric.name}" {fault[0]}', fault[1])
        return
    for told in rows:
        fault = _fault(told)
        if fault:
            what = f'the metric "{metric.name}" {fault[0]} where slice is {_slice(told) or "all"}'
            problems.add(where, what, fault[1])
        else:
            yield _measured(metric, told)


def _fault_of_columns(written: tuple[str, ...], columns: list[str]) -> Fault | None:
    repeated = [column for column, count in Counter(columns).items() if count > 1]
    if repeated:
        return f"answers {', '.join(repeated)} more than once", "select each column once"
    if set(columns) <= set(COLUMNS) and ("value" in columns or {"successes", "n"} <= set(columns)):
        return None
    hint = "select value, or successes and n; low, high and slice where there are any"
    return f"answers {', '.join(written) or 'nothing'}", hint


def _fault_of_rows(found: Rows, rows: list[dict[str, Any]]) -> Fault | None:
    if not rows:
        return "answers no row", "there is nothing to measure"
    if found.total > len(rows):
        return f"answers {found.total:,} rows", f"a card takes {len(rows):,} at most: measure fewer slices"
    if len(rows) > 1 and "slice" not in rows[0]:
        hint = "select one row, or a column slice that says what each row is of"
        return f"answers {counted(len(rows), 'row')} without slice", hint
    slices = Counter(map(_slice, rows))
    repeated = [f'"{name or "all"}"' for name, count in slices.items() if count > 1]
    if repeated:
        return (
            f"answers the slice {repeated[0]} more than once",
            "group by what slice is, so that each is one row",
        )
    return None


def _fault(told: Told) -> Fault | None:
    """Return what is wrong with a row; None where it is a measure."""
    value, n, successes = (_number(told.get(name)) for name in ("value", "n", "successes"))
    if told.get("n") is not None and (not _is_count(told["n"]) or (n == 0 and value is not None)):
        return (
            f"has n = {format_value(told['n'])}",
            "n is how many samples were measured: a whole number from 1",
        )
    if value is None and successes is not None and n:
        if not (_is_count(successes) and successes <= n):
            hint = "successes are those of the n samples that count: a whole number from 0 to n"
            return f"has {format_value(told['successes'])} successes of n = {format_value(told['n'])}", hint
    elif value is None:
        return "is no number", "leave out what cannot be measured"
    low, high = _number(told.get("low")), _number(told.get("high"))
    if low is not None and high is not None and low > high:
        said = (
            f"has an interval from low = {format_value(told['low'])} to high = {format_value(told['high'])}"
        )
        return said, "select its lower end as low, and its upper end as high"
    return None


def _is_count(value: Any) -> bool:
    return is_number(value) and (is_undefined(value) or (value >= 0 and value == int(value)))


def _measured(metric: Metric, told: Told) -> Measured:
    count, value = _number(told.get("n")), _number(told.get("value"))
    n = None if count is None else int(count)
    low, high = _number(told.get("low")), _number(told.get("high"))
    if value is None:
        successes = float(told["successes"])
        value = successes / float(told["n"])
        low, high = wilson(successes, int(told["n"]))
    return Measured(metric, value, _slice(told), low, high, n)


def _slice(told: Told) -> str:
    return "" if told.get("slice") is None else str(told["slice"])


def _number(value: Any) -> float | None:
    return None if not is_number(value) or is_undefined(value) else float(value)


def wilson(successes: float, n: int) -> tuple[float, float]:
    """Return Wilson's interval of a share, which holds the true one in 95 of 100 cases."""
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends one side of the interval is exact, which floating-point numbers would miss.
    return 0.0 if successes == 0 else middle - half, 1.0 if successes == n else middle + half
