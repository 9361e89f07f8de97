"""Reads the fenced blocks that mount a view.

Three kinds: ``view NAME key=value…`` over YAML, ``view markdown key=value…`` over Markdown, and
``vega-lite key=value…`` over a Vega-Lite spec in JSON. ``source=altair:module:function`` a function
of the report makes the spec, and the block holds its arguments as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sitegen.errors import Problems, SitegenError, nearest
from sitegen.structured import line_of, read_info, read_json, read_yaml
from sitegen.values import QUERY, Values, fill_options

RESERVED = ("table", "beside", "title", "help", "id", "width", "height", "filter")
"""Keys that mean the same in every block; the others belong to the view."""
NEEDED = {"table", "id", "filter"}
"""Those without which nothing can be told of the rest of a block."""
SIZES = {
    "width": {"XS": 2, "S": 4, "M": 6, "L": 8, "XL": 10, "XXL": 12},
    "height": {"XS": 160, "S": 240, "M": 320, "L": 480, "XL": 640, "XXL": 960},
}
"""Widths and heights by the names that Symphony's layouts use: sixths of the row, and px."""
PROSE = "markdown"
"""The view whose block holds Markdown."""
EDIT = "edit"
"""Option of views that can be edited in their page: false where the author does not want it."""
PROSE_KEYS = ("title", "id", "width", EDIT)
LISTS = ("suggested", "similar", "samples")
"""Options of views that name a further table, which is listed beside what they draw."""
SOURCE = "source"
"""Key of a Vega-Lite block whose spec a function makes."""
SAID = ("title", "subtitle", "help", "description")
"""Keys of a block or of its spec, at any depth, whose text may hold numbers that SQL computes."""
COLUMNS = 12
"""Columns of a page's grid."""


@dataclass(frozen=True)
class Prose:
    """The text of a Markdown block, read."""

    html: str
    """Not sanitised; with gaps for its numbers."""
    path: str
    """Path of the file that it stands in, from the content folder: its links start there."""
    values: tuple[tuple[str, str], ...]
    """Names of the values in it, and what they say."""
    numbers: tuple[tuple[str, str], ...]
    """The numbers in it, as ``number_key`` names them, and what they came to."""


@dataclass(frozen=True)
class Block:
    """A view mounted in a page, as its author wrote it."""

    view: str
    id: str
    """Unique in its page; the figure's anchor."""
    file: str
    line: int
    """Line of the opening fence."""
    text: str
    """The block's body, for finding the line of a problem."""
    table: str
    """The table named by the block, as ``artifact/table``; empty when it names none."""
    data: tuple[str, ...]
    """Every table that a Vega-Lite spec or a view's ``runs`` name; a spec's first one is ``table``."""
    title: str | None
    """A question or a finding, above the view."""
    help: str | None
    """How to read the view and how to filter with it, in two sentences."""
    width: int
    """Grid columns, 1 to 12, or a size: XS, S, M, L, XL or XXL for 2, 4, 6, 8, 10 or 12."""
    height: int | None
    """Pixels, 40 to 4000, or XS, S, M, L, XL or XXL for 160 to 960; the view's own choice when left out."""
    filter: str | None
    """Expression that says which rows the view is about, for good; all of them when None."""
    options: dict[str, Any]
    """What the view takes: the body without reserved keys, or ``{"spec": …}``."""
    source: str = ""
    """The function that makes the spec, as ``altair:module:function``; empty where the block holds it."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """What that function is called with."""
    beside: tuple[str, ...] = ()
    """Further tables that the view may read, as `artifact/table`, or `artifact` for all of its tables."""
    prose: Prose | None = None
    """The text, of a Markdown block."""
    offered: tuple[Block, ...] = ()
    """The charts that a reader can choose from, of a summary that can be edited: one for each column."""

    def where(self, path: str = "") -> str:
        """Return ``file:line`` of a dotted path of keys in the block; its first line without one."""
        line = line_of(self.text, path, self.line + 1) if path else self.line
        return f"{self.file}:{line}"


Say = Callable[[str, str], str]
"""Makes a text of a text and its key or path."""


def _kept(text: str, _: str) -> str:
    return text


def with_texts(block: Block, say: Callable[[str, str], str]) -> Block:
    """Return a block whose texts that may hold numbers are as ``say`` makes them of text and key."""
    options = {name: _with_texts(item, name, name, say, _kept) for name, item in block.options.items()}
    title = block.title if block.title is None else say(block.title, "title")
    told = block.help if block.help is None else say(block.help, "help")
    return replace(block, title=title, help=told, options=options)


def _refuse_number(place: Callable[[str], str], text: str, path: str) -> str:
    """Return a text that computes no number; raises where one that SQL computes stands in it."""
    if QUERY.search(text):
        hint = f"numbers are computed in {', '.join(SAID)}, and in the text of the page"
        raise SitegenError(place(path), f'"{path.rpartition(".")[2]}" computes no number', hint)
    return text


def _with_texts(value: Any, key: str, path: str, say: Say, other: Say) -> Any:
    """Return what a block holds with its texts as ``say`` makes them, and ``other`` makes all other text."""
    if isinstance(value, dict):
        # A title of Vega-Lite may be an object with its text.
        named = {name: key if name == "text" and key == "title" else name for name in value}
        return {
            name: _with_texts(item, named[name], f"{path}.{name}", say, other) for name, item in value.items()
        }
    if isinstance(value, list):
        return [_with_texts(item, key, path, say, other) for item in value]
    if not isinstance(value, str):
        return value
    return (say if key in SAID else other)(value, path.removeprefix("spec."))


def is_block(info: str) -> bool:
    """Say whether a fence with this info string mounts a view."""
    return info.split(maxsplit=1)[:1] in (["view"], ["vega-lite"])


def read_block(
    info: str,
    text: str,
    file: str,
    line: int,
    default_id: str,
    values: Values | None = None,
    ask: Say = _kept,
    problems: Problems | None = None,
) -> Block:
    """Read one block, whose opening fence stands at ``line``, and put the page's ``values`` into it.

    ``ask`` takes the numbers that SQL computes out of a text, given its key. It sees texts before the values
    are in them, so that no value is ever taken for SQL. Raises what is wrong with the block; what the rest
    of the block can do without is added to ``problems`` instead, where those are given.
    """
    where = f"{file}:{line}"
    kind, _, rest = info.strip().partition(" ")
    view = kind
    if kind == "view":
        view, _, rest = rest.strip().partition(" ")
        if not re.fullmatch(r"[a-z][a-z0-9-]*", view):
            raise SitegenError(where, "the block names no view", "write ```view NAME")
    fence = _Fence(text, file, line, values or {}, ask)
    body, source = _read_body(fence, kind, view, rest)
    noted = Problems()
    given = _fitting(_sized(body.given), partial(_place, fence, rest), noted)
    if problems is None or (body.given.keys() - given.keys()) & NEEDED:
        noted.stop()
    else:
        problems.extend(noted)
    return Block(
        view=view,
        id=given.get("id", default_id),
        file=file,
        line=line,
        text=text,
        table=given.get("table", ""),
        data=body.data,
        title=given.get("title"),
        help=given.get("help"),
        width=given.get("width", COLUMNS),
        height=given.get("height"),
        filter=given.get("filter"),
        options=body.options,
        source=source,
        arguments=body.arguments,
        beside=_beside(given.get("beside", []), where),
    )


def _read_body(fence: _Fence, kind: str, view: str, rest: str) -> tuple[_Body, str]:
    """Return what a block holds and where its spec is from; raises what is wrong with first line and body."""
    problems = Problems()
    given: dict[str, Any] = {}
    with problems.collected():
        given = fence.filled(_numbers(read_info(rest, fence.place(""), _keys_of(kind, view))))
    source = str(given.pop(SOURCE, ""))
    body = _Body(given, {EDIT: given[EDIT] != "false"} if EDIT in given else {}, ())
    if view != PROSE:
        with problems.collected():
            body = _read_view(fence, given) if kind == "view" else _read_spec(fence, given, source)
    problems.stop()
    return body, source


def _place(fence: _Fence, first: str, key: str) -> str:
    """Return ``file:line`` of a reserved key, which stands in the first line or in the body."""
    return fence.place("" if re.search(rf"(?:^|\s){key}=", first) else key)


def _keys_of(kind: str, view: str) -> tuple[str, ...]:
    """Return the keys that a block's first line may hold."""
    if view == PROSE:
        return PROSE_KEYS
    return RESERVED if kind == "view" else (*RESERVED, SOURCE)


@dataclass(frozen=True)
class _Fence:
    """A block's text, with what its values and numbers are put in by."""

    text: str
    file: str
    line: int
    values: Values
    ask: Say

    def place(self, path: str) -> str:
        """Return ``file:line`` of a dotted path of keys; the opening fence without one."""
        return f"{self.file}:{line_of(self.text, path, self.line + 1) if path else self.line}"

    def filled(self, written: dict[str, Any]) -> dict[str, Any]:
        """Return what stands there with numbers taken out and values put in; raises all problems at once."""
        problems = Problems()
        refuse = partial(_refuse_number, self.place)
        asked = {}
        for key, item in written.items():
            with problems.collected():
                asked[key] = _with_texts(item, key, key, self.ask, _kept if key in RESERVED else refuse)
        problems.stop()
        return dict(fill_options(asked, self.values, self.place))


@dataclass(frozen=True)
class _Body:
    """What a block's body holds: reserved keys, also those of the info string, and the rest."""

    given: dict[str, Any]
    options: dict[str, Any]
    data: tuple[str, ...]
    arguments: dict[str, Any] = field(default_factory=dict)


def _read_view(fence: _Fence, given: dict[str, Any]) -> _Body:
    body = fence.filled(read_yaml(fence.text, fence.file, fence.line + 1))
    options = {key: value for key, value in body.items() if key not in RESERVED}
    reserved = {key: body[key] for key in RESERVED if key in body}
    return _Body(_merge(given, reserved, fence.place("")), options, _other_tables(options))


def _read_spec(fence: _Fence, given: dict[str, Any], source: str) -> _Body:
    if source:
        # No table is called so: what depends on the spec is left until there is one.
        written = read_yaml(fence.text, fence.file, fence.line + 1)
        return _Body(given, {"spec": {}}, ("",), fill_options(written, fence.values, fence.place))
    spec = fence.filled(read_json(fence.text, fence.file, fence.line + 1))
    keys = chart_keys(spec, fence.file, fence.line, fence.text)
    told = {"table": keys.table} | ({"title": keys.title} if keys.title else {})
    return _Body(told | given, {"spec": spec}, keys.data)


@dataclass(frozen=True)
class ChartKeys:
    """What a Vega-Lite spec says that a block is asked about."""

    data: tuple[str, ...]
    """Tables that it draws, in order."""
    table: str
    """The first of them; empty when it draws none."""
    title: str | None


def chart_keys(spec: dict[str, Any], file: str, line: int, text: str) -> ChartKeys:
    """Return what a spec says of its data and title; raises when it would load data from an address."""
    data = _data_names(spec, file, line + 1, text)
    return ChartKeys(data, data[0] if data else "", _spec_title(spec))


def _other_tables(options: dict[str, Any]) -> tuple[str, ...]:
    """Return the tables that a view's options name: of the runs that it compares, and of lists beside it."""
    runs = options.get("runs", [])
    names = runs.values() if isinstance(runs, dict) else runs if isinstance(runs, list) else []
    listed = (options.get(key) for key in LISTS)
    return tuple(dict.fromkeys(name for name in (*names, *listed) if isinstance(name, str)))


def _beside(written: Any, where: str) -> tuple[str, ...]:
    """Return the artifacts and tables that a block names in a list, or alone; raises on other values."""
    names = written if isinstance(written, list) else [written]
    if not all(isinstance(name, str) and name for name in names):
        hint = "write beside: [artifact, other/table]"
        raise SitegenError(where, '"beside" is not a list of artifacts and tables', hint)
    return tuple(names)


def _spec_title(spec: dict[str, Any]) -> str | None:
    """Return the title that Vega-Lite's own key gives: text, lines of text, or an object with either."""
    title = spec.get("title")
    text = title.get("text") if isinstance(title, dict) else title
    lines = text if isinstance(text, list) else [text]
    written = [line for line in lines if isinstance(line, str)]
    return " ".join(written) or None


def _numbers(given: dict[str, str]) -> dict[str, Any]:
    """Return the pairs of an info string, widths and heights as numbers, what stands beside as a list."""
    read: dict[str, Any] = dict(given)
    for key in ("width", "height"):
        if read.get(key, "").isdecimal():
            read[key] = int(read[key])
    if "beside" in read:
        read["beside"] = [name.strip() for name in read["beside"].split(",")]
    return read


def _sized(given: dict[str, Any]) -> dict[str, Any]:
    """Return the keys with a number in the place of a size that is named."""
    found = dict(given)
    for key, sizes in SIZES.items():
        if isinstance(found.get(key), str):
            found[key] = sizes.get(found[key], found[key])
    return found


def _merge(info: dict[str, Any], body: dict[str, Any], where: str) -> dict[str, Any]:
    for key in info.keys() & body.keys():
        raise SitegenError(where, f'"{key}" stands in the info string and in the body', "keep one of them")
    return {**info, **body}


def _fitting(given: dict[str, Any], place: Callable[[str], str], problems: Problems) -> dict[str, Any]:
    """Return the reserved keys whose values are of their kind; the others are noted."""
    found = dict(given)

    def refuse(key: str, what: str, hint: str = "") -> None:
        del found[key]
        problems.add(place(key), what, hint)

    for key in ("table", "title", "help", "id", "filter"):
        if key in given and not isinstance(given[key], str):
            refuse(key, f'"{key}" is not text', "put it in quotes")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", str(found.get("id", "a"))):
        refuse("id", f'the id "{given["id"]}" is not lower-case letters, digits and hyphens')
    for key, low, high in (("width", 1, COLUMNS), ("height", 40, 4000)):
        number = given.get(key, low)
        if isinstance(number, str):
            what = f'"{key}" is neither a whole number from {low} to {high} nor a size: "{number}"'
            refuse(key, what, nearest(number.upper(), SIZES[key]))
        elif key in given and (type(number) is not int or not low <= number <= high):
            refuse(key, f'"{key}" is not a whole number from {low} to {high}')
    return found


def _data_names(spec: dict[str, Any], file: str, first_line: int, text: str) -> tuple[str, ...]:
    """Return the names of the tables that a Vega-Lite spec draws, in order, without datasets of its own."""
    own = spec.get("datasets", {})
    names: dict[str, None] = {}
    for data in _data_of(spec):
        if "url" in data:
            where = f"{file}:{line_of(text, 'data.url', first_line)}"
            what = "the spec loads its data from an address; a page shows tables of artifacts"
            raise SitegenError(where, what, 'write "data": {"name": "artifact/table"}')
        name = data.get("name")
        if isinstance(name, str) and "values" not in data and name not in own:
            names[name] = None
    return tuple(names)


def _data_of(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _data_of(item)
    elif isinstance(value, dict):
        if isinstance(value.get("data"), dict):
            yield value["data"]
        for key, item in value.items():
            if key not in ("data", "datasets"):
                yield from _data_of(item)
