"""CSV and TSV files as Arrow tables: broken lines are named, no digit is lost, one odd value loses no row.

Every value is read as the text that is written; which type a column has is decided over all of its values.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from pipelines.arrow import DOUBLE_DIGITS, Exact, parsed_times
from pipelines.engine import readable
from pipelines.errors import ContractError, counted, row_name
from pipelines.settings import DELIMITERS, MISSING
from pipelines.types import LARGEST_INTEGER
from pipelines.unreadable import Unreadable

ENDINGS = (".csv", ".tsv")
BLOCK = 16 << 20  # bytes: a quoted text with line breaks must fit into one
SAMPLE = 1 << 20  # bytes at a file's start, by which its delimiter is found
SAMPLE_ROWS = 20
FIRST = 1000  # values that are looked at before all
BATCH = 1 << 16  # numbers that are written out together
MOST_DECIMALS = 40  # of such: texts with more are looked at one by one
SHOWN_TEXT = 40
INDEX = "index"  # what the column is called that pandas writes in front, without a name
UTF_8 = "utf-8"
_WHOLE = r"^-?[0-9]+$"
_DECIMAL_COMMA = r"^-?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?$"
_LEADING_ZERO_OR_PLUS = r"^([+-]?0[0-9xX]|\+)"


Parser: TypeAlias = Callable[[pa.ChunkedArray], pa.ChunkedArray | None]
"""Returns texts as values of one type; None where they are not all of it."""


@dataclass(frozen=True)
class Dialect:
    """How files are written; see `settings.DatasetSettings` for each field. An empty delimiter is found."""

    delimiter: str = ""
    encoding: str = UTF_8
    missing: Sequence[str] = MISSING
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Delimited:
    """What files hold: their table, their broken lines, and which columns of numbers had to stay texts."""

    table: pa.Table
    broken: tuple[Unreadable, ...]
    exact: Mapping[str, Exact]


def read_delimited(paths: Sequence[Path], dialect: Dialect | None = None) -> Delimited:
    """Return what is in files with the same columns.

    A line is broken when it has another number of values than the first or text of another encoding. Whole
    numbers that start with a zero and numbers that lose digits as a JavaScript number are text, as is every
    column that `dialect.types` names. A time without a zone is taken as UTC. Raise `ContractError` for a file
    that cannot be read or whose columns have no names.
    """
    told = dialect or Dialect()
    tables: list[pa.Table] = []
    broken: list[Unreadable] = []
    shapes = [_shape(path, told) for path in paths]
    for path, (delimiter, width) in zip(paths, shapes, strict=True):
        table, found = _texts(path, delimiter, width, told.encoding)
        if tables and table.column_names != tables[0].column_names:
            what = f"has columns {', '.join(table.column_names)}"
            first = f"its first part {', '.join(tables[0].column_names)}"
            raise ContractError(str(path), f"{what}, {first}", "parts of one dataset have the same columns")
        tables.append(table)
        broken += found if len(paths) == 1 else [_of_part(path, item) for item in found]
    whole = pa.concat_tables(tables)
    missing = pa.array(told.missing, pa.string())
    columns = list(zip(whole.column_names, whole.columns, strict=True))
    # Where a comma parts values it cannot be told from a decimal one: "1,234" may be either number.
    parsers = _PARSERS if any(each == "," for each, _ in shapes) else (*_PARSERS, _decimal_commas)
    with ThreadPoolExecutor() as workers:
        typed = list(
            workers.map(lambda item: _typed(item[1], missing, told.types.get(item[0], ""), parsers), columns)
        )
    table = _with_key(pa.table([values for values, _ in typed], whole.column_names))
    exact = {
        name: kept for name, (_, kept) in zip(table.column_names, typed, strict=True) if kept is not None
    }
    return Delimited(table, tuple(broken), exact)


def row_line(
    paths: Sequence[Path], dialect: Dialect, broken: Sequence[Unreadable], count: int, row: int
) -> str:
    """Return the line at which a row begins, of `count` rows that were read; its number where none is known.

    Reads the files again, for which there is time where one value is refused.
    """
    lost = {item.name for item in broken}
    names: list[str] = []
    for path in paths:
        delimiter, width = _shape(path, dialect)
        prefix = f"{path.name} " if len(paths) > 1 else ""
        lines, _ = _lines(path, delimiter, width, dialect.encoding)
        names += [name for line in lines if (name := f"{prefix}line {line}") not in lost]
    return names[row] if len(names) == count else row_name(row)


def _of_part(path: Path, item: Unreadable) -> Unreadable:
    return Unreadable(f"{path.name} {item.name}", item.reason, hint=item.hint)


# Texts --------------------------------------------------------------------------------------------


def _texts(path: Path, delimiter: str, width: int, encoding: str) -> tuple[pa.Table, list[Unreadable]]:
    """Return a file's values as texts, an empty one where nothing is written, and its broken lines."""
    table, broken = _read(path, delimiter, width, encoding)
    names = _names(path, [column[0].as_py() for column in table.columns])
    table, unclosed = _closed(path, table.slice(1).rename_columns(names), encoding)
    table, undecodable = _decoded(table)
    if not broken and not undecodable:
        return table, unclosed
    lines, torn = _lines(path, delimiter, width, encoding)
    if len(torn) == len(broken):  # Arrow counts no empty lines, and a value of two lines as one
        broken = [Unreadable(f"line {line}", item.reason) for line, item in zip(torn, broken, strict=True)]
    undecoded = (_not_utf8(row, lines, *found) for row, found in undecodable.items())
    return table, [*broken, *undecoded, *unclosed]


def _closed(path: Path, table: pa.Table, encoding: str) -> tuple[pa.Table, list[Unreadable]]:
    """Return rows without the last one where its quote takes every line below it and is never closed.

    Such a row may have as many values as the others, so that nothing else tells of the lines that it took.
    """
    taken = table.columns[-1][-1].as_py() if table.num_rows else b""
    if b"\n" not in taken:
        return table, []
    text = path.read_bytes().decode("latin-1" if encoding == UTF_8 else encoding, "replace")
    if text.rstrip().endswith('"'):
        return table, []
    below = taken.rstrip(b"\r\n").count(b"\n")
    line = text.rstrip("\r\n").count("\n") + 1 - below
    return table.slice(0, table.num_rows - 1), [Unreadable(f"line {line}", _never_closed(below))]


def _never_closed(below: int) -> str:
    return f"opens a quote that is never closed: it {_taken(below)}"


def _taken(below: int) -> str:
    return f"takes in the {counted(below, 'line')} below it"


def _shape(path: Path, dialect: Dialect) -> tuple[str, int]:
    """Return a file's delimiter, and the number of columns in its first line."""
    with readable(path, "CSV"), path.open("rb") as file:
        sample = file.read(SAMPLE)
    try:
        text = sample.decode(dialect.encoding, "replace")
    except UnicodeError as error:
        raise ContractError(str(path), f"is not {dialect.encoding}: {error}") from error
    if dialect.delimiter:
        return dialect.delimiter, _width(_rows(text, dialect.delimiter))
    likely = "\t" if path.suffix.lower() == ".tsv" else ","
    rows = {each: _rows(text, each) for each in (likely, *DELIMITERS)}
    found = max(rows, key=lambda each: _fitness(rows[each]))  # the likely one where several fit as well
    return found, _width(rows[found])


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows that are not empty, as far as this delimiter makes any."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows += [row] if row else []
            if len(rows) == SAMPLE_ROWS:
                break
    except csv.Error:
        return rows[:1]  # a value longer than the module takes; the names above it are there
    return rows


def _width(rows: Sequence[Sequence[str]]) -> int:
    return len(rows[0]) if rows else 1


def _fitness(rows: Sequence[Sequence[str]]) -> tuple[bool, int, int]:
    """Return how well a delimiter fits: whether it parts, how many rows it parts alike, and into how many."""
    width = _width(rows)
    return width > 1, sum(len(row) == width for row in rows), width


def _read(path: Path, delimiter: str, width: int, encoding: str) -> tuple[pa.Table, list[Unreadable]]:
    """Return all values as bytes, the names in the first row, and lines of another number of values."""
    broken: list[Unreadable] = []

    def note(row: pa.csv.InvalidRow) -> str:
        broken.append(_unreadable(row))
        return "skip"

    with readable(path, "CSV"):
        try:
            return _parsed(path, delimiter, width, encoding), broken
        except pa.ArrowInvalid:  # a broken line, as a rule: read again, and note it
            # Arrow hands over such a line as text. In Latin-1 every byte is a character, so it always can.
            is_utf8 = encoding != UTF_8 or _holds_utf8(path)
            table = _parsed(path, delimiter, width, encoding if is_utf8 else "latin-1", note)
    return table if is_utf8 else _as_written(table), broken


def _parsed(
    path: Path,
    delimiter: str,
    width: int,
    encoding: str,
    note: Callable[[pa.csv.InvalidRow], str] | None = None,
) -> pa.Table:
    """Return all values as bytes; ``note`` is told of each broken line, without it the first one stops."""
    parse = pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=note)
    is_parallel = note is None  # lines have numbers only where they are read one after the other
    read = pa.csv.ReadOptions(
        use_threads=is_parallel, block_size=BLOCK, autogenerate_column_names=True, encoding=encoding
    )
    kinds = {f"f{place}": pa.binary() for place in range(width)}
    convert = pa.csv.ConvertOptions(column_types=kinds, check_utf8=False)
    return pa.csv.read_csv(path, read, parse, convert)


def _holds_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _as_written(table: pa.Table) -> pa.Table:
    """Return the bytes of a file that was read as Latin-1."""
    columns = [
        pa.array([value.decode(UTF_8).encode("latin-1") for value in column.to_pylist()], pa.binary())
        for column in table.columns
    ]
    return pa.table(columns, table.column_names)


def _unreadable(row: pa.csv.InvalidRow) -> Unreadable:
    text = row.text if len(row.text) <= SHOWN_TEXT else f"{row.text[: SHOWN_TEXT - 1]}…"
    reason = f"has {counted(row.actual_columns, 'value')} instead of {row.expected_columns} ({text!r})"
    below = row.text.rstrip("\r\n").count("\n")
    if below:
        is_closed = row.text.count('"') % 2 == 0
        reason += f" and {_taken(below) if is_closed else _never_closed(below)}"
    return Unreadable(f"line {row.number}", reason)


def _names(path: Path, written: Sequence[bytes]) -> list[str]:
    """Return the columns' names; the first may have none: pandas writes the index of a table so."""
    try:
        names = [name.decode(UTF_8) for name in written]
    except UnicodeDecodeError as error:
        is_wide = written[0].startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        encoding = "utf-16" if is_wide else _likely(b"".join(written))
        what = "has names of columns, in its first line, that are not UTF-8"
        raise ContractError(str(path), what, _encoding_hint(encoding)) from error
    unnamed = [place for place, name in enumerate(names, start=1) if not name.strip() and place > 1]
    if unnamed:
        problems = [
            ContractError(
                str(path), f"column {place} of {len(names)} has no name", "write one in the first line"
            )
            for place in unnamed
        ]
        raise ContractError.together(problems)
    return names


def _encoding_hint(encoding: str) -> str:
    setting = f'say so in this dataset\'s section: encoding = "{encoding}"'
    return f"if it is {encoding}, save it as UTF-8, or {setting}"


def _decoded(table: pa.Table) -> tuple[pa.Table, dict[int, tuple[str, bytes]]]:
    """Return bytes as texts without the rows that are not UTF-8, and a column and its value of those."""
    bad: dict[int, tuple[str, bytes]] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            column.cast(pa.string())
        except pa.ArrowInvalid:
            for row, value in enumerate(column.to_pylist()):
                if not _is_utf8(value):
                    bad.setdefault(row, (name, value))
    if bad:
        table = table.filter(pa.array([row not in bad for row in range(table.num_rows)]))
    return pa.table([column.cast(pa.string()) for column in table.columns], table.column_names), bad


def _not_utf8(row: int, lines: Sequence[int], column: str, value: bytes) -> Unreadable:
    encoding = _likely(value)
    text = value.decode(encoding, "replace")
    shown = text if len(text) <= SHOWN_TEXT else f"{text[: SHOWN_TEXT - 1]}…"
    reason = f'has text in column "{column}" that is not UTF-8 (as {encoding} it is {shown!r})'
    name = f"line {lines[row]}" if row < len(lines) else f"row {row + 1} below the names"
    return Unreadable(name, reason, hint=_encoding_hint(encoding))


def _likely(value: bytes) -> str:
    """Return what bytes that are not UTF-8 may be in: Windows' code page where they hold its own signs."""
    return "cp1252" if any(0x80 <= byte <= 0x9F for byte in value) else "latin-1"


def _lines(path: Path, delimiter: str, width: int, encoding: str) -> tuple[list[int], list[int]]:
    """Return the lines in which rows below the names begin, and those with another number of values."""
    rows: list[int] = []
    torn: list[int] = []
    end = 0
    # In Latin-1 every byte is a character, so that text of any encoding has its lines.
    told = "latin-1" if encoding == UTF_8 else encoding
    with path.open(encoding=told, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            for values in reader:
                if values:
                    (rows if len(values) == width else torn).append(end + 1)
                end = reader.line_num
        except csv.Error:  # a value longer than the module takes: rows below it go without their line
            return rows[1:], torn
    return rows[1:], torn


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True


# Types --------------------------------------------------------------------------------------------


def _typed(
    texts: pa.ChunkedArray, missing: pa.Array, told: str, parsers: Sequence[Parser]
) -> tuple[pa.ChunkedArray, Exact | None]:
    """Return the values with nulls where one is missing, as the type that all of them have.

    Where that type loses digits they stay texts, and what is lost is returned beside them. So do those of
    which the type is `told`, but for numbers with decimal commas, which are read nowhere else.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    is_missing = pc.is_in(trimmed, value_set=missing)
    if pc.any(is_missing).as_py():
        texts, trimmed = (
            pc.if_else(is_missing, pa.scalar(None, pa.string()), each) for each in (texts, trimmed)
        )
    if texts.null_count == len(texts) and not told:
        return pa.chunked_array([pa.nulls(len(texts))]), None
    if told:
        is_float = told.startswith("float") and _decimal_commas in parsers
        numbers = _decimal_commas(trimmed) if is_float else None
        return (texts if numbers is None else numbers), None
    if (whole := _whole_numbers(trimmed)) is not None:
        return whole
    for parsed in parsers:
        # The first values speak against most types: an attempt on all is slow where all fail.
        if parsed(trimmed.slice(0, FIRST)) is not None and (found := parsed(trimmed)) is not None:
            plain = _with_points(trimmed) if parsed is _decimal_commas else trimmed
            first = _first_lossy(plain, found) if pa.types.is_floating(found.type) else None
            return (found, None) if first is None else (trimmed, Exact(texts[first].as_py().strip(), found))
    return texts, None


def _whole_numbers(texts: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Exact | None] | None:
    """Return whole numbers as such; as the texts that they are where a number would lose a digit."""
    if not _match(texts.slice(0, FIRST), _WHOLE):
        return None
    numbers = _cast(texts, pa.int64())
    if numbers is None and not _match(texts, _WHOLE):
        return None
    is_same = numbers is not None and pc.all(pc.equal(numbers.cast(pa.string()), texts), min_count=0).as_py()
    if not is_same and _has_zero_or_plus(texts):
        return texts, None  # codes, such as 007: no number means them
    if numbers is not None:
        bounds = pc.min_max(numbers).as_py()
        if max(-bounds["min"], bounds["max"]) <= LARGEST_INTEGER:
            return numbers, None
    first = next(text for text in texts.to_pylist() if text is not None and _is_large(text))
    return texts, Exact(first, texts.cast(pa.float64()), is_whole=True)


def _is_large(whole: str) -> bool:
    digits, largest = whole.lstrip("-0"), str(LARGEST_INTEGER)
    return (len(digits), digits) > (len(largest), largest)


def _match(texts: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _has_zero_or_plus(texts: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, _LEADING_ZERO_OR_PLUS), min_count=0).as_py())


def _numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    numbers = _cast(texts, pa.float64())
    return None if numbers is None or _has_zero_or_plus(texts) else numbers


def _truths(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    return texts.cast(pa.bool_()) if _match(texts, r"(?i)^(true|false)$") else None


def _dates(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    return _cast(texts, pa.date32())


def _decimal_commas(texts: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return numbers as much of Europe writes them: ``2,5`` and ``1.234,5``; ``1.20.300`` is none of them."""
    if not _match(texts, _DECIMAL_COMMA) or not pc.any(pc.match_substring(texts, ",")).as_py():
        return None
    return _numbers(_with_points(texts))


def _with_points(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", ".")


def _first_lossy(texts: pa.ChunkedArray, numbers: pa.ChunkedArray) -> int | None:
    """Return the place of the first text of which its double keeps not every digit; None where there is none.

    Nearly all are short, or the shortest text of their double: looked at one by one are only the others.
    """
    is_short = pc.and_(
        pc.less_equal(pc.utf8_length(texts), DOUBLE_DIGITS),
        pc.invert(pc.match_substring(texts, "e", ignore_case=True)),
    )
    is_kept = pc.or_(is_short, pc.equal(numbers.cast(pa.string()), texts))
    places = np.flatnonzero(~pc.fill_null(is_kept, True).to_numpy())
    for start in range(0, len(places), BATCH):
        some = places[start : start + BATCH]
        written, doubles = texts.take(some).combine_chunks(), numbers.take(some).to_numpy()
        rest = np.flatnonzero(~_are_written_out(written, doubles))
        pairs = zip(rest.tolist(), written.take(rest).to_pylist(), doubles[rest].tolist(), strict=True)
        lossy = next((place for place, *pair in pairs if not _keeps(*pair)), None)
        if lossy is not None:
            return int(some[lossy])
    return None


def _are_written_out(texts: pa.Array, doubles: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which texts are their double in as many decimals as are written, as most programs write them.

    Those of as many decimals are written at once: one by one takes several times as long.
    """
    powers, points, ends = (
        np.asarray(found)
        for found in (
            pc.find_substring(texts, "e"),
            pc.find_substring(texts, "."),
            pc.binary_length(texts),
        )
    )
    is_power = powers >= 0
    decimals = np.where(points < 0, 0, np.where(is_power, powers, ends) - points - 1)
    are = np.zeros(len(texts), bool)
    for count, kind in product(np.unique(decimals[decimals <= MOST_DECIMALS]).tolist(), "ef"):
        places = np.flatnonzero((decimals == count) & (is_power == (kind == "e")))
        said = "\n".join([f"%.{count}{kind}"] * len(places)) % tuple(doubles[places].tolist())
        if len(places):
            are[places] = pc.equal(pc.split_pattern(pa.array([said]), "\n").flatten(), texts.take(places))
    return are


def _keeps(text: str, number: float) -> bool:
    """Whether a double means what is written: in its shortest text, or in as many digits as are written.

    The latter is how programs write doubles out, 0.1 as 1.000000000000000056e-01.
    """
    mantissa, exponent, _ = text.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    if text == f"{number:.{places}{exponent or 'f'}}":
        return True  # what most programs write, known without exact arithmetic
    if not math.isfinite(number) or number == 0:
        return not re.search("[1-9]", mantissa)
    digits = len(re.sub("[^0-9]", "", mantissa).lstrip("0"))
    exact = Decimal(text)
    return exact in (Decimal(repr(number)), Decimal(f"{number:.{digits - 1}e}"))


_PARSERS: tuple[Parser, ...] = (_numbers, _truths, _dates, parsed_times)


def _cast(texts: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        return None


def _with_key(table: pa.Table) -> pa.Table:
    """Name a first column without a name: an id where it can be one, as the index of pandas mostly is."""
    names = table.column_names
    if names[0].strip():
        return table
    first = table[0]
    is_key = pa.types.is_integer(first.type) or pa.types.is_string(first.type)
    is_key = is_key and not first.null_count and pc.count_distinct(first).as_py() == len(first)
    is_free = "id" not in {name.casefold() for name in names}
    return table.rename_columns(["id" if is_key and is_free else INDEX, *names[1:]])
