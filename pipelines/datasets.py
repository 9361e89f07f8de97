"""Datasets: rows with roles, classes and images, read from any kind of source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.arrow import (
    NUL_PICTURE,
    Exact,
    admitted,
    as_type,
    in_one_layout,
    lossy,
    type_name,
    without_nul,
)
from pipelines.audio import Clips, read_clips
from pipelines.classes import class_column, found_classes
from pipelines.contract import ROLES, Column
from pipelines.errors import ContractError, counted, nearest, printable
from pipelines.frames import arrow_table, content_digest
from pipelines.images import EncodedImages, Images, Survey, is_media_type, survey
from pipelines.roles import NUMBER_ROLES, Guess, count_distinct, guess, is_number_list, is_text
from pipelines.signatures import media_type
from pipelines.sources import open_source
from pipelines.sources.shown import Shown, with_shown_names
from pipelines.sources.source import Contents, Source, TableContents, hugging_face
from pipelines.splits import Codes as Codes
from pipelines.splits import stratified_split as stratified_split
from pipelines.unreadable import Unreadable, refusal

MEDIA_NAMES = {
    "image": ("image", "img", "picture", "photo", "image_bytes", "png", "jpg", "jpeg"),
    "audio": ("audio", "sound", "speech", "recording", "clip", "wav"),
}
NUMBERED = "rows are numbered"
MOST_NAMED = 3  # values of an id that repeat
SNIFFED_BATCHES = 16  # of media, among which one that is there is looked for
_MEANINGS = {
    "id": "the sample's own name",
    "text": "the sample's text",
    "media_type": "the format of the sample's sound, such as audio/wav",
    "label": "the class that the dataset gives the sample",
    "prediction": "the class that the model gives the sample",
    "split": "the part of the dataset that the sample belongs to",
    "group": "the group that the sample belongs to",
    "time": "when the sample was taken",
}


@dataclass(frozen=True)
class Dataset:
    """A dataset in memory, images aside.

    `rows` has one row per sample, an id among its columns; labels and predictions are class names. `columns`
    describe them in order. `roles` say which column is what; the image column is in none of these but behind
    `images`. `skipped` rows could not be read and were left out.
    """

    name: str
    rows: pa.Table
    columns: tuple[Column, ...]
    roles: Mapping[str, str]
    classes: tuple[str, ...]
    images: Images | None
    licence: str
    citation: str
    skipped: int = 0
    image_column: str = ""  # in the source; "" where it has none
    notes: tuple[str, ...] = ()  # what was guessed otherwise than its columns' names say

    def role(self, role: str) -> pa.ChunkedArray | None:
        """Return the column that plays `role`, or None when none does."""
        return self.rows[self.roles[role]] if role in self.roles else None

    def codes(self, role: str) -> Codes:
        """Return the column of class names that plays `role` as indices into `classes`; -1 where missing."""
        names = self.rows[self.roles[role]].cast(pa.string())
        found = pc.index_in(names, value_set=pa.array(self.classes, pa.string()))
        return np.asarray(pc.fill_null(found, -1).to_numpy(), np.int64)


@dataclass(frozen=True)
class Examined:
    """A source that was looked through: its rows with an id each, roles with reasons, unreadable rows.

    `rows` holds neither images nor sounds. `guesses` has the roles of those columns too. `total` counts the
    broken lines that have no place among the rows. `passed_over` says of columns that are called as ids are
    why they are none, `exact` of columns of numbers why they are text.
    """

    rows: pa.Table
    guesses: Mapping[str, Guess]
    unreadable: tuple[Unreadable, ...]
    total: int
    survey: Survey | None = None
    clips: Clips | None = None
    passed_over: Mapping[str, str] = field(default_factory=dict)
    exact: Mapping[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> NDArray[np.bool_] | None:
        """Which rows can be read; None when all can."""
        return _readable(self.rows, self.unreadable)


def load(source: Source, root: Path) -> Dataset:
    """Read a dataset; raise `ContractError` naming the file, column or rows that are wrong."""
    return read(source, open_source(source, root))


def digest(source: Source, root: Path) -> str:
    """Return the SHA-256 of a dataset's data, read in a defined order."""
    return open_source(source, root).digest()


def from_frame(name: str, frame: Any, **settings: Any) -> Dataset:
    """Return a pandas, polars or Arrow table, or anything like it, as a dataset.

    `settings` are those of `[datasets.NAME]`, `source` aside. See `frames.arrow_table` for what is taken.
    """
    source = Source(name, "", **settings)
    table = arrow_table(frame, source.where)
    known = hugging_face(table.schema)
    contents = TableContents("table", source.where, table, content_digest(table), int(table.nbytes), known)
    return read(source, with_shown_names(contents))


def read(source: Source, contents: Contents, advance: Callable[[int], None] = lambda _: None) -> Dataset:
    """Read an opened source, and tell `advance` how many of its images were looked at.

    Rows that cannot be read stop it or are left out, as its settings say.
    """
    found = examine(source, contents, whole=source.on_unreadable == "skip", advance=advance)
    if found.unreadable and source.on_unreadable != "skip":
        raise refusal(contents.where, found.unreadable, found.total)
    if found.total == len(found.unreadable):
        raise refusal(contents.where, found.unreadable, found.total)
    _check_id(contents.where, found.rows, found.guesses)
    roles = {role: told.column for role, told in found.guesses.items() if role not in ("image", "audio")}
    rows, roles, notes = _with_clips(source, found.rows, roles, found)
    if found.kept is not None:
        rows = rows.filter(pa.array(found.kept))
    _check_key(contents.where, rows, roles)
    rows, classes = _with_classes(source, contents, rows, roles)
    images = _images(contents, found)
    table, columns = _described(contents.where, rows, roles, notes)
    licence = source.licence or contents.known.licence
    citation = source.citation or contents.known.citation
    skipped = len(found.unreadable)
    column = found.guesses["image"].column if found.survey else ""
    kept = ((name, why) for name, why in found.exact.items() if name != roles["id"])
    said = [*found.passed_over.items(), *kept]
    passed = tuple(printable(f'column "{name}" is {why}') for name, why in said)
    return Dataset(
        source.name, table, columns, roles, classes, images, licence, citation, skipped, column, passed
    )


# Looking through a source -------------------------------------------------------------------------


def examine(
    source: Source, contents: Contents, *, whole: bool, advance: Callable[[int], None] = lambda _: None
) -> Examined:
    """Find roles and unreadable rows; with `whole` every image is decoded, which finds torn ones too."""
    where, schema = contents.where, contents.schema
    _check_settings(where, schema, source)
    guesses = {role: Guess(name, "as the settings say") for role, name in source.roles.items()}
    for role, name in contents.known.roles.items():
        if name not in source.roles.values():
            guesses.setdefault(role, Guess(name, "as the source says"))
    is_key_told = "id" in guesses
    guesses |= _media(contents, guesses)
    apart = {guesses[role].column for role in ("image", "audio") if role in guesses}
    rows, broken = contents.rows([name for name in _kept(schema, source) if name not in apart])
    if not rows.num_columns:
        rows, guesses = _numbered(rows, guesses, contents.count())
    if not rows.num_rows:
        hint = "write at least one row below the names of its columns, or name another source"
        raise (refusal(where, broken, len(broken)) if broken else ContractError(where, "holds no rows", hint))
    rows, pictured = without_nul(in_one_layout(rows))
    pictured = {**_shown_names(contents), **pictured}
    rows = _with_types(where, rows, source.types, contents.name)
    written = {name: kept for name, kept in contents.exact.items() if name not in source.types}
    guesses |= guess(_as_numbers(rows, written), [told.column for told in guesses.values()], guesses)
    guesses = {role: told for role, told in guesses.items() if told.column in {*rows.column_names, *apart}}
    rows = _with_numbers(rows, guesses, written)
    images, clips = _surveyed(contents, guesses, whole, advance), _clips(source, contents, guesses)
    unreadable = [*broken, *_odd_lists(contents, rows, guesses), *_failed(contents, images, clips)]
    found = tuple(_once(unreadable))
    passed: Mapping[str, str] = {}
    if not is_key_told:
        guesses, passed = _with_key(rows, guesses, _readable(rows, found))
    rows, guesses = _numbered(rows, guesses, rows.num_rows)
    total, exact = rows.num_rows + len(broken), _kept_exact(rows, written)
    return Examined(rows, guesses, found, total, images, clips, {**pictured, **passed}, exact)


def _shown_names(contents: Contents) -> dict[str, str]:
    """Say which columns have the character NUL in their names."""
    renamed = contents.renamed if isinstance(contents, Shown) else []
    return dict.fromkeys(renamed, f"shown with {NUL_PICTURE} for the character NUL in its name")


def _kept_exact(rows: pa.Table, written: Mapping[str, Exact]) -> dict[str, str]:
    """Say of columns of numbers why they are kept as text."""
    said = {}
    for name in rows.column_names:
        is_written = name in written and is_text(rows[name].type)
        first = written[name].first if is_written else lossy(rows[name])
        if first is not None:
            why = f"text, as numbers in a browser lose digits of its values, such as {first[:60]}"
            said[name] = f"{why}; give it the type float64 in this dataset's types to round them"
    return said


def _as_numbers(rows: pa.Table, written: Mapping[str, Exact]) -> pa.Table:
    """Return rows with fractions as numbers, by which roles are guessed; whole ones may be ids."""
    for name, kept in written.items():
        if name in rows.column_names and not kept.is_whole:
            rows = rows.set_column(rows.column_names.index(name), name, kept.rounded)
    return rows


def _with_numbers(rows: pa.Table, guesses: Mapping[str, Guess], written: Mapping[str, Exact]) -> pa.Table:
    """Round decimals that play the role of a number: views compute with those."""
    for role, told in guesses.items():
        if role in NUMBER_ROLES and told.column in rows.column_names:
            name, column = told.column, rows[told.column]
            place = rows.column_names.index(name)
            if name in written:
                rows = rows.set_column(place, name, written[name].rounded)
            elif pa.types.is_decimal(column.type):
                rows = rows.set_column(place, name, as_type(column, "float64"))
    return rows


def _readable(rows: pa.Table, unreadable: Iterable[Unreadable]) -> NDArray[np.bool_] | None:
    bad = [item.row for item in unreadable if item.row is not None]
    if not bad:
        return None
    kept = np.ones(rows.num_rows, bool)
    kept[bad] = False
    return kept


def _with_key(
    rows: pa.Table, guesses: Mapping[str, Guess], kept: NDArray[np.bool_] | None
) -> tuple[dict[str, Guess], dict[str, str]]:
    """Guess another id where the values of the one that was guessed repeat or are missing; say of which."""
    found, passed = dict(guesses), dict[str, str]()
    while "id" in found:
        column = rows[found["id"].column]
        why = _doubt(column if kept is None else column.filter(pa.array(kept)))
        if not why:
            break
        passed[found.pop("id").column] = f"not taken as the id: {why}"
        taken = [*passed, *(told.column for told in found.values())]
        found |= {role: told for role, told in guess(rows, taken, found).items() if role == "id"}
    if passed and "id" not in found:
        passed = {name: f"{why}; rows are numbered instead" for name, why in passed.items()}
    return found, passed


def _doubt(column: pa.ChunkedArray) -> str:
    """Say why a column does not tell rows apart, with its first values that repeat; "" where it does."""
    missing = column.null_count
    if not missing and count_distinct(column) == len(column):
        return ""
    counts = pc.value_counts(column.drop_null())
    several = counts.filter(pc.greater(counts.field("counts"), 1))
    said = []
    if len(several):
        first = [
            f'"{str(item["values"])[:60]}" in {item["counts"]:,}' for item in several[:MOST_NAMED].to_pylist()
        ]
        more = ", …" if len(several) > MOST_NAMED else ""
        is_are = "value is" if len(several) == 1 else "values are"
        said.append(f"{len(several):,} {is_are} in several rows ({', '.join(first)}{more})")
    if missing:
        said.append(f"{counted(missing, 'row')} {'has' if missing == 1 else 'have'} none")
    return ", and ".join(said)


def _check_settings(where: str, schema: pa.Schema, source: Source) -> None:
    """Refuse settings that name what is not there, all problems at once."""
    problems = [
        ContractError(where, f'role "{role}" is not known', nearest(role, ROLES))
        for role in source.roles
        if role not in ROLES
    ]
    named = [
        (name, f'role {role} names column "{name}", which is not there')
        for role, name in source.roles.items()
    ]
    named += [(name, f'there is no column "{name}"') for name in (*source.columns, *source.types)]
    problems += [
        ContractError(where, what, nearest(name, schema.names))
        for name, what in named
        if name not in schema.names
    ]
    told = Counter(source.roles.values())
    problems += [
        ContractError(where, f'column "{name}" is given {count} roles', "each column plays one")
        for name, count in told.items()
        if count > 1
    ]
    times = Counter(schema.names)
    if "" in schema.names:
        problems.append(
            ContractError(where, "has a column without a name", "give it one where it is written")
        )
    if repeated := sorted(name for name, count in times.items() if count > 1):
        what = f"has more than one column called {', '.join(repeated)}"
        problems.append(ContractError(where, what, "give each a name of its own where they are written"))
    problems += _alike(where, _kept(schema, source))
    if not problems:
        problems += _unfit_media(where, schema, source)
    if problems:
        raise ContractError.together(problems)


def _alike(where: str, names: Sequence[str]) -> list[ContractError]:
    """Return what is wrong with names that are the same to a database, which ignores case."""
    spelt: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        spelt.setdefault(name.casefold(), []).append(name)
    hint = "rename one where it is written, or name the columns to keep in this dataset's columns = […]"
    return [
        ContractError(where, f"has columns whose names differ only by case: {', '.join(found)}", hint)
        for found in spelt.values()
        if len(found) > 1
    ]


def _unfit_media(where: str, schema: pa.Schema, source: Source) -> list[ContractError]:
    told = {role: name for role, name in source.roles.items() if role in MEDIA_NAMES}
    return [
        ContractError(where, f'{role} column "{name}" is {schema.field(name).type}, not encoded bytes')
        for role, name in told.items()
        if not is_media_type(schema.field(name).type)
    ]


def _kept(schema: pa.Schema, source: Source) -> list[str]:
    wanted = {*source.columns, *source.roles.values()} if source.columns else set(schema.names)
    return [name for name in schema.names if name in wanted]


def _with_types(
    where: str, rows: pa.Table, types: Mapping[str, str], row_of: Callable[[int], str]
) -> pa.Table:
    """Give columns the types that the settings say; refuse the first value of each that does not fit."""
    problems = []
    for name in (name for name in types if name in rows.column_names):
        place = rows.column_names.index(name)
        try:
            rows = rows.set_column(place, name, as_type(rows[name], types[name]))
        except (ValueError, NotImplementedError):
            problems.append(_misfit(where, name, rows[name], types[name], row_of))
    if problems:
        raise ContractError.together(problems)
    return rows


def _misfit(
    where: str, name: str, column: pa.ChunkedArray, kind: str, row_of: Callable[[int], str]
) -> ContractError:
    """Return the error that names the first value of a column that is not of a type."""
    fitting, failing = 0, len(column)  # so many first values fit, so many do not
    while failing - fitting > 1:
        middle = (fitting + failing) // 2
        try:
            as_type(column.slice(0, middle), kind)
            fitting = middle
        except (ValueError, NotImplementedError):
            failing = middle
    value = str(column[fitting].as_py())[:60]
    what = f'column "{name}" is no {kind}: {row_of(fitting)} holds "{value}"'
    return ContractError(where, what, "correct types = { … } in this dataset's section")


def _media(contents: Contents, known: Mapping[str, Guess]) -> dict[str, Guess]:
    """Find the columns of images and of sounds: by name, else by the first bytes of their values."""
    taken = {told.column for told in known.values()}
    free = [item.name for item in contents.schema if is_media_type(item.type) and item.name not in taken]
    found: dict[str, Guess] = {}
    for role, names in MEDIA_NAMES.items():
        named = [name for name in free if name.lower() in names]
        if role not in known and named:
            found[role] = Guess(named[0], "by its name")
            free.remove(named[0])
    for name in free:
        kind = _sniffed(contents.items(name))
        role = kind.partition("/")[0]
        if role in MEDIA_NAMES and role not in known and role not in found:
            found[role] = Guess(name, f"holds {kind}")
    return found


def _sniffed(batches: Iterator[Sequence[bytes | None]]) -> str:
    """Return the media type of the first value that is there, among the first batches."""
    contents = (content for batch in islice(batches, SNIFFED_BATCHES) for content in batch)
    return media_type(next((content for content in contents if content), b""))


def _numbered(rows: pa.Table, guesses: dict[str, Guess], count: int) -> tuple[pa.Table, dict[str, Guess]]:
    """Give rows without an id their number as one, before any is left out."""
    if "id" in guesses:
        return rows, guesses
    folded = {name.casefold() for name in rows.column_names}
    name = next(name for name in ("id", "row", "row_number", "row_number_from_0") if name not in folded)
    numbers = pa.array(np.arange(count, dtype=np.int32))
    rows = rows.add_column(0, name, numbers) if rows.num_columns else pa.table({name: numbers})
    return rows, {"id": Guess(name, NUMBERED), **guesses}


def _surveyed(
    contents: Contents, guesses: Mapping[str, Guess], whole: bool, advance: Callable[[int], None]
) -> Survey | None:
    if "image" not in guesses:
        return None
    column = guesses["image"].column
    found = survey(lambda: contents.items(column), whole=whole, advance=advance)
    if not found.sizes:
        first = next(iter(found.failed.values()), "")
        what = f'none of the images in column "{column}" can be decoded: the first {first}'
        raise ContractError(contents.where, what, "write the images as PNG, JPEG or WebP")
    return found


def _clips(source: Source, contents: Contents, guesses: Mapping[str, Guess]) -> Clips | None:
    if "audio" not in guesses:
        return None
    return read_clips(contents.items(guesses["audio"].column), source.largest_clip)


def _odd_lists(contents: Contents, rows: pa.Table, guesses: Mapping[str, Guess]) -> Iterator[Unreadable]:
    """Yield the rows whose embedding or probabilities have another length than most."""
    for role in ("embedding", "probability"):
        name = guesses[role].column if role in guesses else ""
        if not name or not is_number_list(rows[name].type):
            continue
        lengths = np.asarray(pc.fill_null(pc.list_value_length(rows[name]), -1).to_numpy(), np.int64)
        there = Counter(lengths[lengths >= 0].tolist())
        usual = there.most_common(1)[0][0] if there else -1
        for row in np.flatnonzero((lengths != usual) & (lengths >= 0)).tolist():
            length = counted(lengths[row], "value")
            reason = f'has a list of {length} in column "{name}", the others of {usual}'
            yield Unreadable(contents.name(row), reason, row)


def _failed(contents: Contents, images: Survey | None, clips: Clips | None) -> Iterator[Unreadable]:
    for found in (images, clips):
        for row, reason in (found.failed if found else {}).items():
            yield Unreadable(contents.name(row), reason, row)


def _once(items: Iterable[Unreadable]) -> Iterator[Unreadable]:
    """Yield each row once, with the first of its reasons, in the order of the source."""
    seen: set[int] = set()
    for item in sorted(items, key=lambda item: -1 if item.row is None else item.row):
        if item.row is None or item.row not in seen:
            yield item
        if item.row is not None:
            seen.add(item.row)


# Making the dataset -------------------------------------------------------------------------------


def _check_id(where: str, rows: pa.Table, guesses: Mapping[str, Guess]) -> None:
    """Refuse ids with fractions, also those of a column that is called so and would be passed over."""
    is_told = guesses["id"].why != NUMBERED
    named = (
        [guesses["id"].column] if is_told else [name for name in rows.column_names if name.lower() == "id"]
    )
    for name in named:
        if name in rows.column_names and pa.types.is_floating(rows[name].type):
            what = f'column "{name}" holds ids as floating-point numbers, which lose digits'
            hint = f'write whole numbers or text; types = {{ {name} = "string" }} keeps those of a CSV file'
            raise ContractError(where, what, hint)


def _check_key(where: str, rows: pa.Table, roles: Mapping[str, str]) -> None:
    """Refuse an id that is no key before anything is computed: a tool's table would refuse it at the end."""
    if why := _doubt(rows[roles["id"]]):
        what = f'id column "{roles["id"]}" does not tell rows apart: {why}'
        hint = "correct these values, or give the role id to another column; without one, rows are numbered"
        raise ContractError(where, what, hint)


def _with_classes(
    source: Source, contents: Contents, rows: pa.Table, roles: Mapping[str, str]
) -> tuple[pa.Table, tuple[str, ...]]:
    """Write labels and predictions as class names, other coded columns as the names that the source says."""
    named = [roles[role] for role in ("label", "prediction") if role in roles]
    told = contents.known.class_names
    where = contents.where
    classes = source.classes or next((told[name] for name in named if name in told), ())
    names = tuple(classes) or found_classes(where, [rows[name] for name in named])
    coded = {
        name: listed for name, listed in told.items() if name in rows.column_names and _is_coded(rows[name])
    }
    for name, listed in {**coded, **dict.fromkeys(named, names)}.items():
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, class_column(where, name, rows[name], listed, name in told))
    return rows, names if named else ()


def _is_coded(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_integer(column.type))


def _with_clips(
    source: Source, rows: pa.Table, roles: dict[str, str], found: Examined
) -> tuple[pa.Table, dict[str, str], dict[str, str]]:
    """Add the sounds and their media types; say in the column's description how many are too large."""
    clips = found.clips
    if clips is None:
        return rows, roles, {}
    name = found.guesses["audio"].column
    kind = next(each for each in ("media_type", f"{name}_media_type") if each not in rows.column_names)
    rows = rows.append_column(name, clips.contents)
    rows = rows.append_column(kind, clips.media_types.dictionary_encode())
    note = "the sample's sound, as it is encoded"
    if clips.too_large:
        limit = f"{source.largest_clip / 1e6:g} MB"
        note += f"; {clips.too_large} of {rows.num_rows} are larger than {limit} and left out"
    return rows, {**roles, "audio": name, "media_type": kind}, {name: note}


def _images(contents: Contents, found: Examined) -> Images | None:
    if found.survey is None:
        return contents.images
    column = found.guesses["image"].column
    shape, lossless = found.survey.shape, found.survey.lossless
    return EncodedImages(
        contents.where, lambda: contents.items(column), shape, lossless, contents.name, found.kept
    )


def _described(
    where: str, table: pa.Table, roles: Mapping[str, str], notes: Mapping[str, str]
) -> tuple[pa.Table, tuple[Column, ...]]:
    """Return the rows in the contract's types and their descriptions, or say every column that it refuses."""
    meaning = {name: role for role, name in roles.items()}
    columns, arrays, problems = [], [], []
    for name in table.column_names:
        role = meaning.get(name)
        try:
            array = admitted(table[name])
            if role == "id" and pa.types.is_dictionary(array.type):
                array = array.cast(pa.string())
            told = notes.get(name) or _MEANINGS.get(role or "", "")
            columns.append(Column(name, type_name(array.type), role, None, told, array.null_count > 0))
            arrays.append(array)
        except (ValueError, NotImplementedError) as error:  # pyarrow's ArrowInvalid is a ValueError
            hint = "name the columns to keep in this dataset's columns = […]"
            problems.append(ContractError(where, f'column "{name}": {error}', hint))
    if problems:
        raise ContractError.together(problems)
    return pa.table(arrays, table.column_names), tuple(columns)
