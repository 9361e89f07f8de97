"""Looks at a source before it is part of a report: what it holds, which roles are guessed and why.

Yields text for a terminal. Names and values come from anybody's data: what is not printable is escaped.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.arrow import admitted, type_name
from pipelines.audio import Clips
from pipelines.datasets import NUMBERED, Examined, examine
from pipelines.errors import counted, printable
from pipelines.images import Survey
from pipelines.roles import MOST_CLASSES, Guess, count_distinct, is_number_list, is_text
from pipelines.sources import open_source
from pipelines.sources.source import Contents, Source
from pipelines.unreadable import Unreadable

MOST_SHOWN = 10  # unreadable rows, and columns that hold classes
TOP_VALUES = 3
FEW = 50  # distinct values of which the most frequent are shown
LONGEST = 28  # characters of a value
MOST_ODD = 0.1  # of a column's texts that may be no numbers where the others make it one of numbers
NUMBER = r"^\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*$"
WIDTH = 90  # characters of a line of text


@dataclass(frozen=True)
class ColumnFacts:
    """One column: what its values are, and which role it plays. `distinct` is None where nobody counts."""

    name: str
    type: str
    nulls: int
    distinct: int | None
    values: str
    role: str = ""
    why: str = ""
    note: str = ""
    is_refused: bool = False
    holds_classes: bool = False
    """Whether it has no role, and every value is a class of the label."""
    is_doubtful: bool = False
    """Whether its note is one that its reader has to know: something in it is probably a mistake."""

    @property
    def is_added(self) -> bool:
        """Whether the source lacks it, so that its rows are numbered."""
        return self.why == NUMBERED


@dataclass(frozen=True)
class Inspection:
    """What a source is and holds."""

    source: Source
    kind: str
    rows: int
    bytes: int
    sha256: str
    licence: str
    citation: str
    columns: tuple[ColumnFacts, ...]
    unreadable: tuple[Unreadable, ...]


def inspect(address: str, root: Path) -> Inspection:
    """Look through everything that a source holds; raise `ContractError` where it cannot be used at all."""
    source = Source(dataset_name(address), address)
    contents = open_source(source, root)
    found = examine(source, contents, whole=True)
    known, size = contents.known, contents.bytes
    return Inspection(
        source,
        contents.kind,
        found.total,
        size,
        contents.digest(),
        known.licence,
        known.citation,
        tuple(_columns(contents, found)),
        found.unreadable,
    )


def dataset_name(address: str) -> str:
    """Return a name for `[datasets.NAME]`, made from the path or name of the source."""
    bare = re.sub(r"\.(parquet|csv|tsv)$", "", address.rstrip("/"), flags=re.IGNORECASE)
    parts = [part for part in re.split(r"[/\\:]", bare) if part and not re.search(r"[*?\[]", part)]
    name = re.sub(r"[^a-z0-9_-]+", "-", parts[-1].lower()).strip("-_") if parts else ""
    return re.sub(r"^[^a-z]+", "", name) or "data"


# Columns ------------------------------------------------------------------------------------------


def _columns(contents: Contents, found: Examined) -> Iterator[ColumnFacts]:
    roles = {told.column: (role, told.why) for role, told in found.guesses.items()}
    media = {found.guesses[role].column: role for role in ("image", "audio") if role in found.guesses}
    # Arrow looks a name up among all names, which takes a table of 10,000 columns minutes.
    known, columns = (
        contents.schema.names,
        dict(zip(found.rows.column_names, found.rows.columns, strict=True)),
    )
    added = columns.keys() - set(known)
    for name in [*(name for name in columns if name in added), *known]:
        role, why = roles.get(name, ("", ""))
        if name in media:
            kind = str(contents.schema.field(name).type)
            yield ColumnFacts(name, "binary", 0, None, _media(media[name], kind, found), role, why)
        elif name in columns:
            facts = _facts(name, columns[name], role, why, "" if role else found.exact.get(name, ""))
            if name in found.passed_over:
                facts = replace(facts, note=found.passed_over[name], is_doubtful=True)
            odd = "" if role or facts.is_refused else _all_but_numbers(columns[name], contents)
            if odd:
                facts = replace(facts, note=odd, is_doubtful=True)
            elif not role and not facts.is_doubtful:
                facts = _with_note(facts, columns[name], found)
            yield facts


def _media(role: str, kind: str, found: Examined) -> str:
    if role == "image":
        return _images(found.survey) if found.survey else kind
    return _sounds(found.clips) if found.clips else kind


def _images(survey: Survey) -> str:
    sizes = list(survey.sizes)
    colour = "colour" if survey.colour else "grey"
    if len(sizes) == 1:
        return f"{sizes[0][0]} by {sizes[0][1]} pixels, {colour}"
    widths, heights = [size[0] for size in sizes], [size[1] for size in sizes]
    return f"{min(widths)} by {min(heights)} to {max(widths)} by {max(heights)} pixels, {colour}"


def _sounds(clips: Clips) -> str:
    kinds = sorted(set(clips.media_types.drop_null().to_pylist()))
    left = f"; {clips.too_large} too large to show" if clips.too_large else ""
    return ", ".join(kinds) + left


def _facts(name: str, column: pa.ChunkedArray, role: str, why: str, note: str) -> ColumnFacts:
    try:
        plain = admitted(column)
    except (ValueError, NotImplementedError) as error:
        reason = " ".join(str(error).split())
        return ColumnFacts(name, str(column.type), column.null_count, None, reason, is_refused=True)
    kind = type_name(plain.type)
    distinct = None if pa.types.is_nested(plain.type) else count_distinct(plain)
    values = _values(plain, distinct)
    return ColumnFacts(
        name, kind, plain.null_count, distinct, values, role, why, note, is_doubtful=bool(note)
    )


def _values(column: pa.ChunkedArray, distinct: int | None) -> str:
    values = column.drop_null()
    if not len(values):
        return "no value"
    if is_number_list(column.type) or pa.types.is_list(column.type):
        bounds = pc.min_max(pc.list_value_length(values)).as_py()
        return f"lists of {_span(bounds['min'], bounds['max'])}"
    if pa.types.is_binary(column.type):
        return f"{values.nbytes / len(values):,.0f} bytes on average"
    if is_text(column.type) or pa.types.is_boolean(column.type):
        is_repeated = distinct is not None and distinct <= FEW and distinct < len(values)
        return _top(values) if is_repeated else f"such as {_shown(values[0].as_py())}"
    bounds = pc.min_max(values).as_py()
    return _span(_number(bounds["min"]), _number(bounds["max"]))


def _span(low: object, high: object) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value).replace("+00:00", " UTC")


def _top(values: pa.ChunkedArray) -> str:
    """Return the most frequent values with their counts; equal counts in the order of the values."""
    counted = pc.value_counts(values).to_pylist()
    ordered = sorted(counted, key=lambda item: (-item["counts"], str(item["values"])))
    shown = ", ".join(f"{_shown(item['values'])} {item['counts']:,}" for item in ordered[:TOP_VALUES])
    return f"{shown}, …" if len(ordered) > TOP_VALUES else shown


def _with_note(facts: ColumnFacts, column: pa.ChunkedArray, found: Examined) -> ColumnFacts:
    """Say of a column without a role what it could be: a label, or what somebody says of the label."""
    if facts.is_refused or facts.distinct is None or facts.distinct < 2 or not is_text(column.type):
        return facts
    label = found.guesses.get("label", Guess("", "")).column
    if not label:
        is_few = facts.distinct <= min(MOST_CLASSES, len(column) // 5)
        return replace(facts, note=f"may be a label: {facts.distinct} different texts") if is_few else facts
    if not is_text(found.rows[label].type) or not _are_classes(column, found.rows[label]):
        return facts
    told = f"holds classes of {_shown(label)}: a prediction or an annotation"
    return replace(facts, note=told, holds_classes=True)


def _all_but_numbers(column: pa.ChunkedArray, contents: Contents) -> str:
    """Say of texts that are numbers but for a few which those are: one such value makes a column text."""
    if not is_text(column.type) or column.null_count == len(column):
        return ""
    is_number = pc.match_substring_regex(column.cast(pa.large_string()), NUMBER)
    odd = pc.sum(pc.invert(is_number)).as_py()
    if not 0 < odd <= MOST_ODD * (len(column) - column.null_count):
        return ""
    row = pc.index(is_number, False).as_py()
    first = f"{_shown(column[row].as_py())} in {contents.name(row)}"
    return f"text, as {odd:,} of its values {'is' if odd == 1 else 'are'} no number: {first}"


def _are_classes(column: pa.ChunkedArray, label: pa.ChunkedArray) -> bool:
    """Whether every value of a column of texts is one of the label's."""
    listed = label.cast(pa.string()).unique().drop_null()
    return bool(pc.all(pc.is_in(column.drop_null().cast(pa.string()), value_set=listed)).as_py())


# Text ---------------------------------------------------------------------------------------------


def report(found: Inspection) -> Iterator[str]:
    """Yield what was found, line by line, and at the end a section for `sitegen.toml`."""
    bad = f", {len(found.unreadable):,} of them unreadable" if found.unreadable else ""
    yield f"{_plain(found.source.source)}: {found.kind}"
    yield f"  rows      {found.rows:,}{bad}"
    yield f"  size      {_size(found.bytes)}"
    yield f"  sha256    {found.sha256}"
    yield from _wrapped("licence", found.licence)
    yield from _wrapped("citation", found.citation)
    yield "\ncolumns"
    yield from _aligned([["name", "type", "nulls", "distinct", "values", "role"], *map(_row, found.columns)])
    yield from _unreadable(found.unreadable)
    yield "\nTo use it, paste this into sitegen.toml:\n"
    yield from section(found)


def _wrapped(title: str, text: str) -> list[str]:
    said = _plain(text) or "the source says none"
    return textwrap.wrap(said, WIDTH, initial_indent=f"  {title:10}", subsequent_indent=" " * 12)


def _row(facts: ColumnFacts) -> list[str]:
    distinct = "" if facts.distinct is None else f"{facts.distinct:,}"
    played = f"{facts.role}: {facts.why}" if facts.role else ""
    role = "; ".join(filter(None, (played, facts.note)))
    name, values, why = _plain(facts.name), _plain(facts.values), _plain(role)
    values = (
        f"refused: {values.removeprefix(f'type {facts.type} is refused: ')}" if facts.is_refused else values
    )
    return [name, facts.type, f"{facts.nulls:,}", distinct, values, why]


def warnings(found: Inspection) -> Iterator[str]:
    """Yield what somebody has to know who takes the source in as `section` does, line by line."""
    if found.unreadable:
        left = f"{len(found.unreadable):,} of {counted(found.rows, 'row')} cannot be read."
        yield f"{left} The report leaves them out;"
        yield "without on_unreadable in sitegen.toml they stop the run until they are mended:"
        yield from list(_unreadable(found.unreadable))[1:]
    for facts in found.columns:
        if facts.is_refused:
            why = facts.values.removeprefix(f"type {facts.type} is refused: ")
            kind = f"its type {_plain(facts.type)} is refused; {_plain(why)}"
            yield f"Column {_plain(_shown(facts.name))} is left out: {kind}"
        if facts.is_doubtful:
            yield f"Column {_plain(_shown(facts.name))} is {_plain(facts.note)}"


def _unreadable(items: Sequence[Unreadable]) -> Iterator[str]:
    if items:
        yield "\nunreadable rows"
        yield from (f"  {_plain(str(item))}" for item in items[:MOST_SHOWN])
        if len(items) > MOST_SHOWN:
            yield f"  and {len(items) - MOST_SHOWN:,} more"


def section(found: Inspection) -> Iterator[str]:
    """Yield the lines of a `[datasets.NAME]` section that takes the source in as it was found."""
    own = {facts.name for facts in found.columns if facts.role and facts.why != NUMBERED}
    roles = {facts.role: facts.name for facts in found.columns if facts.role and facts.name in own}
    yield f"[datasets.{found.source.name}]"
    yield f"source = {_toml(found.source.source)}"
    if roles:
        yield f"roles = {{ {', '.join(f'{role} = {_toml(name)}' for role, name in roles.items())} }}"
    if any(facts.is_refused for facts in found.columns):
        kept = [_toml(facts.name) for facts in found.columns if not facts.is_refused and facts.name in own]
        kept += [_toml(facts.name) for facts in found.columns if not facts.is_refused and not facts.role]
        yield f"columns = [{', '.join(kept)}] # without those that are refused"
    if found.unreadable:
        yield 'on_unreadable = "skip" # without this line, unreadable rows stop the run'
    if not found.licence:
        yield '# licence = "…"'
    yield from _other_labels(found)


def _other_labels(found: Inspection) -> Iterator[str]:
    """Say in comments which columns could be the label instead: a name tells little of who gave labels."""
    label = next((facts.name for facts in found.columns if facts.role == "label"), None)
    others = [_toml(facts.name) for facts in found.columns if facts.holds_classes]
    if label is None or not others:
        return
    more = f" and {len(others) - MOST_SHOWN:,} more" if len(others) > MOST_SHOWN else ""
    yield f"# {_toml(label)} is taken as the label; other columns hold its classes, too:"
    yield f"#   {', '.join(others[:MOST_SHOWN])}{more}"
    yield f"# To find wrong labels that people gave, say label = {others[0]} or another of them in roles."
    yield f"# Where {_toml(label)} is the truth, give it to the tool label_errors as the parameter truth."


def _toml(text: str) -> str:
    """Return a TOML string; JSON's escapes are TOML's, but for the character DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _shown(value: object) -> str:
    text = str(value)
    return json.dumps(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…", ensure_ascii=False)


def _plain(text: str) -> str:
    return printable(text.replace("\n", " "))


def _size(count: int) -> str:
    units = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
    unit = next(((size, name) for size, name in units if count >= size), None)
    return f"{count / unit[0]:.1f} {unit[1]}" if unit else f"{count} bytes"


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    found = list(rows)
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    for row in found:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
