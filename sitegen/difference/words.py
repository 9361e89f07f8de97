"""Says a difference in words, for a terminal: each part a heading and aligned lines, long parts cut short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sitegen.difference.findings import ColumnChange, Difference, Number, Rows, Sample, Setting, Slice
from sitegen.errors import counted
from sitegen.numbers import MINUS, UNDEFINED, format_value

SHOWN = 12
"""Lines of a part."""
WIDEST = 44
DIGEST = 64
"""Letters of a SHA-256, of which twelve are shown."""
ARROW = "\N{RIGHTWARDS ARROW}"


def in_words(found: Difference, most: int = SHOWN) -> Iterator[str]:
    """Yield the lines; ``most`` of each part, 0 for all."""
    yield f"A  {found.before}"
    yield f"B  {found.after}"
    if found.is_same:
        yield f"the {found.kind} are the same ({counted(found.same, 'table')})"
        return
    yield from _part("only in A", [[name] for name in found.removed], most)
    yield from _part("only in B", [[name] for name in found.added], most)
    yield from _part("settings", map(setting_cells, found.settings), most)
    yield from _part("columns", map(column_cells, found.columns), most)
    yield from _part("numbers", map(number_cells, _greatest(found.numbers)), most)
    yield from _slices(found, most)
    for rows in found.rows:
        yield from _rows(rows, most)


def _part(title: str, rows: Iterable[Sequence[str]], most: int, indent: str = "  ") -> Iterator[str]:
    """Yield a title over aligned rows, as many as wanted; nothing when there are none."""
    listed = [list(row) for row in rows]
    if not listed:
        return
    shown = listed[:most] if most else listed
    widths = [min(max(map(len, column)), WIDEST) for column in zip(*shown, strict=True)]
    yield f"\n{title}" if indent == "  " else title
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{indent}{'  '.join(cells)}".rstrip()
    if len(shown) < len(listed):
        yield f"{indent}… and {len(listed) - len(shown):,} more"


def setting_cells(one: Setting) -> list[str]:
    """Return a setting as cells."""
    return [one.artifact, one.name, f"{_brief(one.before)} {ARROW} {_brief(one.after)}"]


def _brief(value: str | None) -> str:
    if value is None:
        return UNDEFINED
    is_digest = len(value) == DIGEST and all(letter in "0123456789abcdef" for letter in value)
    return value[:12] if is_digest else value if len(value) <= WIDEST else f"{value[: WIDEST - 1]}…"


def column_cells(one: ColumnChange) -> list[str]:
    """Return a column's change as cells."""
    return [one.table, one.column, one.what, f"{one.before or UNDEFINED} {ARROW} {one.after or UNDEFINED}"]


def number_cells(one: Number) -> list[str]:
    """Return a number's change as cells."""
    said = f"{format_value(one.before)} {ARROW} {format_value(one.after)}"
    change = "" if one.change is None else format_value(one.change, "+.4g")
    relative = "" if one.relative is None else f"({format_value(one.relative, '+.1%')})"
    return [one.place, one.name, said, f"{change} {relative}".strip(), one.note]


def _greatest(numbers: Sequence[Number]) -> list[Number]:
    """Return claims, headlines, others by their change as a share, and last what is new or gone."""

    def rank(one: Number) -> tuple[bool, bool, bool, float]:
        return not one.is_claim, one.change is None, not one.is_headline, -abs(one.relative or 0.0)

    return sorted(numbers, key=rank)


def _slices(found: Difference, most: int) -> Iterator[str]:
    places = dict.fromkeys((one.table, one.column) for one in found.slices)
    for table, column in places:
        listed = [one for one in found.slices if (one.table, one.column) == (table, column)]
        title = f"slices of {table}" + (f" by {column}" if column else "")
        yield from _part(title, map(slice_cells, listed), most)
    if found.compared and any(one.low is not None for one in found.slices):
        yield f"  Intervals are at 95 %, and * leaves zero out. {chance(found)}."


def chance(found: Difference) -> str:
    """Return how many of the intervals, which are at 95 %, would leave zero out by chance alone."""
    by_chance = format_value(found.compared * 0.05, ".1f")
    return f"Of {counted(found.compared, 'slice')} about {by_chance} would leave zero out by chance"


def slice_cells(one: Slice) -> list[str]:
    """Return a slice as cells: rows, shares, and their difference in percentage points with its interval."""
    rows = counted_rows(one)
    if one.difference is None:
        return [one.value, rows, "", "", ""]
    shares = f"{format_value(one.before, '.1%')} {ARROW} {format_value(one.after, '.1%')}"
    interval = f"[{points(one.low)}, {points(one.high)}]" if one.low is not None else ""
    mark = "*" if one.is_certain else ""
    return [one.value, rows, shares, f"{points(one.difference)} points {interval}", mark]


def counted_rows(one: Slice) -> str:
    """Return how many rows a slice has: ``n 183``, or both numbers where they differ."""
    first, second = f"n {one.rows_before:,}", f"{one.rows_after:,}"
    return first if one.rows_before == one.rows_after else f"{first} {ARROW} {second}"


def points(share: float | None) -> str:
    """Return a difference of shares in percentage points."""
    return UNDEFINED if share is None else f"{100 * share:+.1f}".replace("-", MINUS)


def _rows(rows: Rows, most: int) -> Iterator[str]:
    counts = [
        f"{count:,} {kind}"
        for kind, count in (("added", rows.added), ("removed", rows.removed), ("changed", rows.changed))
        if count
    ]
    size = f"{rows.before:,}" + (f" {ARROW} {rows.after:,}" if rows.before != rows.after else "")
    yield f"\nrows of {rows.table}: {size}, matched by {rows.matched_by}: {', '.join(counts)}"
    if rows.columns:
        said = ", ".join(f"{name} {count:,}" for name, count in rows.columns.items())
        yield f"  differ in: {said}"
    for kind in ("changed", "added", "removed"):
        # Where only a long value differs there is nothing to be said in a line.
        told = (one for one in rows.samples if one.kind == kind and (one.changed or kind != "changed"))
        listed = list(map(sample_cells, told))
        yield from _part(f"  {kind}, such as", listed[: most or None], 0, indent="    ")


def sample_cells(one: Sample) -> list[str]:
    """Return a row as cells: its id, and what differs or what it holds."""
    if one.kind == "changed":
        said = (
            f"{name} {_cell(one.before.get(name))} {ARROW} {_cell(one.after.get(name))}"
            for name in one.changed
        )
    else:
        held = one.after if one.kind == "added" else one.before
        said = (f"{name} {_cell(value)}" for name, value in held.items())
    return [one.id, ", ".join(said)]


def _cell(value: object) -> str:
    text = " ".join(format_value(value).split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
