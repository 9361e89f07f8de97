"""What a page must show, computed by pandas from its Parquet files; nothing here is shared with the theme.

A view is described by its Vega-Lite spec and its tables, as the page's payload holds them. A state is what
the link says. A selection never filters its own view, and an interval holds its lower end, not its upper one.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.browser.driver import PAGE_KEYS
from tests.browser.shown import Shown

Filter = Callable[[pd.DataFrame], Any]
"""A filter as pandas: takes a relation's rows, returns which pass; KeyError where it lacks a column."""

Own = Callable[[str, pd.DataFrame], Any]
"""Takes a view's id and a relation's rows, returns which of them its author made it about."""


def every(rows: pd.DataFrame) -> pd.Series[bool]:
    """Every row."""
    return pd.Series(True, rows.index)


MINUS, UNDEFINED = "\N{MINUS SIGN}", "\N{EN DASH}"
"""What pages write for a sign and for no number."""

MOST_LISTED = 200
"""Rows of a data table; points beyond are summarised."""


TABLES = ("table",)
"""Views that are a table themselves, without a second one below."""

WITHOUT_FILTERS = ("parameters", "provenance")
"""Views that tell of a table as a whole."""


@dataclass(frozen=True)
class Channel:
    """One channel of a spec that shows data."""

    name: str
    written: Mapping[str, Any]

    @property
    def field(self) -> str:
        """Name of the column; empty for a plain count."""
        return str(self.written.get("field", ""))

    @property
    def is_measure(self) -> bool:
        """Whether it aggregates."""
        return "aggregate" in self.written

    @property
    def is_binned(self) -> bool:
        """Whether its values are counted in ranges."""
        return bool(self.written.get("bin"))

    @property
    def is_discrete(self) -> bool:
        """Whether each value has a place of its own."""
        return self.written.get("type", "nominal") in ("nominal", "ordinal") and not self.is_binned


def is_composed(view: Mapping[str, Any]) -> bool:
    """Whether a chart is more than one plot of a table: the corpus of specs holds those against Vega."""
    spec = view["options"].get("spec", {})
    if view["view"] != "vega-lite" or not {"mark", "encoding", "data"} <= spec.keys() <= PLAIN_KEYS:
        return view["view"] == "vega-lite"
    mark = spec["mark"]["type"] if isinstance(spec["mark"], dict) else spec["mark"]
    return mark not in PLAIN_MARKS or not spec["encoding"].keys() <= PLAIN_CHANNELS


PLAIN_KEYS = {"$schema", "data", "encoding", "height", "mark", "params", "title", "width"}
PLAIN_MARKS = {"area", "bar", "circle", "line", "point", "rect", "square", "tick"}
PLAIN_CHANNELS = {
    "color",
    "detail",
    "fill",
    "opacity",
    "order",
    "shape",
    "size",
    "stroke",
    "tooltip",
    "x",
    "y",
}


def channels_of(view: Mapping[str, Any]) -> list[Channel]:
    """Return the channels of a `vega-lite` view that show data, in the order written."""
    encoding = view["options"]["spec"]["encoding"]
    return [
        Channel(name, written) for name, written in encoding.items() if not {"value", "datum"} & {*written}
    ]


def selected_channels(view: Mapping[str, Any]) -> list[Channel]:
    """Return the channels whose values a reader selects."""
    channels = channels_of(view)
    placed = [each for each in channels if each.name in ("x", "y") and not each.is_measure]
    named = _named_channels(view)
    if named:
        return [each for each in channels if each.name in named]
    discrete = [each for each in placed if each.is_discrete]
    return discrete or placed


def _named_channels(view: Mapping[str, Any]) -> list[str]:
    params = view["options"]["spec"].get("params", [])
    selects = [each["select"] for each in params if isinstance(each.get("select"), dict)]
    return [name for select in selects for name in select.get("encodings", [])]


def selects_interval(view: Mapping[str, Any]) -> bool:
    """Whether a reader drags over the view (else clicks marks)."""
    return not any(each.is_discrete for each in selected_channels(view))


@dataclass(frozen=True)
class Bins:
    """Ranges of equal width that cover every finite value."""

    start: float
    step: float
    count: int

    def index(self, values: pd.Series[Any]) -> pd.Series[Any]:
        """Return each value's range; the last one holds its upper end."""
        index = np.floor((values - self.start) / self.step + 1e-14)
        return index.clip(0, self.count - 1)

    def ends(self, index: float) -> tuple[float, float]:
        """Return a range's two ends."""
        return (self.start + index * self.step, self.start + (index + 1) * self.step)


def bins_of(values: pd.Series[Any], written: Any, default: int) -> Bins | None:
    """Return the narrowest ranges, 1, 2 or 5 times a power of ten wide, of which `maxbins` are enough.

    None where there is no finite value.
    """
    finite = values[np.isfinite(values)]
    if finite.empty:
        return None
    options = written if isinstance(written, dict) else {}
    most = int(options.get("maxbins", default))
    low, high = float(finite.min()), float(finite.max())
    span = high - low or abs(low) or 1.0
    step = _step(span, most)
    start = math.floor(low / step + 1e-14) * step
    stop = math.ceil(high / step - 1e-14) * step
    return Bins(start, step, max(1, round((stop - start) / step)))


def _step(span: float, most: int) -> float:
    powers = range(math.floor(math.log10(span)) - 4, math.ceil(math.log10(span)) + 2)
    steps = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    return next(step for step in steps if span / step <= most)


def shown_number(value: float) -> str:
    """Return a number as pages write it: whole ones in full, others with four digits."""
    if not math.isfinite(value):
        return UNDEFINED
    if float(value).is_integer():
        return f"{value:,.0f}".replace("-", MINUS)
    exact = Decimal(value)
    digits = exact.quantize(Decimal(1).scaleb(exact.adjusted() - 3), ROUND_HALF_UP)
    number = float(digits)
    text = f"{number:.0f}" if number.is_integer() else f"{Decimal(repr(number)):f}"
    return text.replace("-", MINUS)


SHARES = ("confidence", "probability", "accuracy", "margin", "share")
"""Roles, and the unit, of numbers from 0 to 1 that are shares."""


def shown_share(value: object) -> str:
    """Return a share in per cent, to a tenth; what is not quite all or nothing is not called so."""
    share = float(str(value))
    if not math.isfinite(share):
        return UNDEFINED
    if 0 < share < 0.0005:
        return "< 0.1%"
    return "> 99.9%" if 0.9995 <= share < 1 else f"{share * 100:.1f}%"


def shown_value(value: object) -> str:
    """Return a value as a cell of a data table shows it."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return UNDEFINED
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | float | np.integer | np.floating):
        return shown_number(float(value))
    text = value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)
    return text if len(text) <= 80 else f"{text[:53]}…{text[-26:]}"


class Oracle:
    """A page's tables as pandas sees them."""

    def __init__(
        self, payload: Mapping[str, Any], read: Callable[[str], bytes], own: Own = lambda _, rows: every(rows)
    ) -> None:
        """`read` returns the bytes at an address relative to the page.

        `own` says, by view, which rows a page's author made it about.
        """
        self.own = own
        self.views = {view["id"]: view for view in payload["views"]}
        self.tables: Mapping[str, Any] = payload["tables"]
        self.relations = {each["name"]: _relation(each, self.tables, read) for each in payload["relations"]}

    def expect(
        self, view_id: str, state: Mapping[str, Any] | None = None, filtered: Filter | None = None
    ) -> Shown:
        """Return what a view must show under a state, with its filter given as pandas."""
        view = self.views[view_id]
        if view["view"] in ("markdown", "summary"):
            return Shown(0, 0)
        if "values" in view["options"].get("spec", {}).get("data", {}):
            own = len(view["options"]["spec"]["data"]["values"])
            return Shown(own, own)
        table = self.tables[view["table"] or next(iter(self.tables))]
        rows = self.relations[table["relation"]]
        passing = self._passing(table["relation"], view_id, state or {}, filtered)
        about = self.own(view_id, rows)
        if view["view"] == "toolbar":
            return Shown(int((passing & about).sum()), int(about.sum()))
        if view["view"] in WITHOUT_FILTERS:
            return Shown(table["rows"], table["rows"])
        if view["view"] == "architecture-diff":  # the layers of both networks
            both = table["rows"] + self.tables[view["options"]["other"]]["rows"]
            return Shown(both, both)
        member = about & (rows[table["member"]] if table["member"] else True)
        counts = (int((passing & member).sum()), int(member.sum()))
        if view["view"] in TABLES:
            return Shown(*counts)
        if is_composed(view):
            return Shown(*counts)
        draws = {"vega-lite": self._chart, "samples": self._samples, "training": self._training}
        if view["view"] not in draws:
            return Shown(*counts)
        draw = draws[view["view"]]
        header, cells = draw(view, rows[member], rows[passing & member], (state or {}).get(view_id, {}))
        return Shown(*counts, header, cells)

    def _passing(
        self, relation: str, view_id: str, state: Mapping[str, Any], filtered: Filter | None
    ) -> pd.Series[bool]:
        rows = self.relations[relation]
        passing = pd.Series(True, rows.index)
        if filtered:
            # A filter leaves tables alone that lack its columns.
            with suppress(KeyError, AttributeError):
                passing &= filtered(rows)
        for name, value in state.items():
            if name not in (*PAGE_KEYS, view_id) and self._relation_of(name) == relation:
                passing &= self._selected(self.views[name], rows, value)
        return passing

    def _relation_of(self, view_id: str) -> str:
        view = self.views[view_id]
        return str(self.tables[view["table"]]["relation"])

    def _selected(
        self, view: Mapping[str, Any], rows: pd.DataFrame, value: Mapping[str, Any]
    ) -> pd.Series[bool]:
        if view["view"] in ("samples", "table"):
            ids = value.get("ids", [])
            return rows[self._role(view, "id")].isin(ids) if ids else pd.Series(True, rows.index)
        if view["view"] == "training":
            return (
                rows["epoch"].between(*value["epochs"]) if "epochs" in value else pd.Series(True, rows.index)
            )
        chosen = selected_channels(view)
        passing = pd.Series("points" not in value, rows.index)
        for channel in chosen if "interval" in value else []:
            low, high = value["interval"][channel.name]
            passing &= (rows[channel.field] >= low) & (rows[channel.field] < high)
        for point in value.get("points", []):
            passing |= _at(rows, chosen, point)
        return passing

    def _role(self, view: Mapping[str, Any], role: str) -> str:
        columns = self.tables[view["table"]]["columns"]
        return str(next(each["name"] for each in columns if each["role"] == role))

    def _chart(
        self, view: Mapping[str, Any], whole: pd.DataFrame, rows: pd.DataFrame, _state: object
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        channels = channels_of(view)
        dimensions = [each for each in channels if not each.is_measure]
        keys = {each.name: _keys(each, whole, rows) for each in dimensions}
        columns = self.tables[view["table"]]["columns"]
        told = {each["name"]: {each["role"], each.get("unit")} for each in columns}
        shares = {each.name for each in channels if _is_share(each, told.get(each.field, set()), rows)}
        if len(dimensions) == len(channels):
            return (), _points(channels, keys, shares)
        drawn = pd.Series(True, rows.index)
        for each in dimensions:
            drawn &= keys[each.name].notna() if each.is_binned else True
        marks = [
            (key, rows.loc[group.index])
            for key, group in rows[drawn].groupby(
                [keys[each.name][drawn] for each in dimensions], dropna=False
            )
        ]
        return (), tuple(_mark(channels, key, group, shares) for key, group in marks)

    def _samples(
        self, view: Mapping[str, Any], _whole: pd.DataFrame, rows: pd.DataFrame, state: Mapping[str, Any]
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        options = view["options"]
        columns = self.tables[view["table"]]["columns"]
        roles = [
            each["name"] for role in ("id", "label", "prediction") for each in columns if each["role"] == role
        ]
        shown = [*roles, *options.get("columns", [])]
        by = [*([options["order"]] if "order" in options else []), roles[0]]
        upwards = [not options.get("descending", False), True][-len(by) :]
        size = int(options.get("rows", 48))
        first = int(state.get("at", 0))
        # A place beyond the last sample is the first.
        first = first if first < len(rows) else 0
        page = rows.sort_values(by, ascending=upwards).iloc[first : first + size]
        return tuple(shown), tuple(
            tuple(map(shown_value, row)) for row in page[shown].itertuples(index=False)
        )

    def _training(
        self, _view: object, _whole: pd.DataFrame, rows: pd.DataFrame, _state: object
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
        """Return a row per split and epoch; the columns are those that every training has."""
        shown = ["split", "epoch", "loss", "accuracy", "learning_rate"]
        return tuple(shown), tuple(
            tuple(map(shown_value, row)) for row in rows[shown].itertuples(index=False)
        )


def _at(rows: pd.DataFrame, chosen: list[Channel], point: list[object]) -> pd.Series[bool]:
    found = pd.Series(True, rows.index)
    for channel, value in zip(chosen, point, strict=True):
        values = rows[channel.field]
        if channel.is_binned:
            bins = bins_of(values, channel.written["bin"], 10)
            assert bins
            found &= bins.index(values) == round((float(str(value)) - bins.start) / bins.step)
        else:
            found &= values.isna() if value is None else values == value
    return found


def _keys(channel: Channel, whole: pd.DataFrame, rows: pd.DataFrame) -> pd.Series[Any]:
    """Return what each row is drawn at: its value, or the ends of its range."""
    values = rows[channel.field]
    if unit := channel.written.get("timeUnit"):
        # A row without a time is in no unit.
        periods = values.dt.tz_localize(None).dt.to_period({"year": "Y", "yearmonth": "M"}[unit])
        return periods.astype(str).where(values.notna(), np.nan)
    if not channel.is_binned:
        return values
    bins = bins_of(whole[channel.field], channel.written["bin"], 10 if channel.name in "xy" else 6)
    if bins is None:
        return pd.Series(None, rows.index, dtype=object)
    index = bins.index(values.where(np.isfinite(values)))
    return index.map(bins.ends, na_action="ignore")


def _is_share(channel: Channel, told: Set[str | None], rows: pd.DataFrame) -> bool:
    """Whether a channel's numbers are said in per cent: shares, and how many are true."""
    operation = channel.written.get("aggregate")
    if operation == "mean" and rows[channel.field].dtype == bool:
        return True
    return not told.isdisjoint(SHARES) and operation in (None, "mean", "median", "min", "max", "q1", "q3")


def _points(
    channels: list[Channel], keys: Mapping[str, pd.Series[Any]], shares: Set[str]
) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a chart without aggregates: one a point, or a summary of many."""
    frame = pd.DataFrame(dict(keys))
    if len(frame) <= MOST_LISTED:
        said = [shown_share if each.name in shares else shown_value for each in channels]
        rows = frame.itertuples(index=False)
        return tuple(tuple(say(value) for say, value in zip(said, row, strict=True)) for row in rows)
    numbers = [each for each in channels if not each.is_discrete]
    return tuple(_summary(keys[each.name]) for each in numbers)


def _summary(values: pd.Series[Any]) -> tuple[str, ...]:
    finite = values[np.isfinite(values)].astype("float64")
    return tuple(map(shown_value, (len(finite), finite.min(), finite.mean(), finite.max())))


def _mark(
    channels: list[Channel], key: tuple[Any, ...], rows: pd.DataFrame, shares: Set[str]
) -> tuple[str, ...]:
    remaining = list(key)
    cells: list[str] = []
    for channel in channels:
        say = shown_share if channel.name in shares else shown_value
        if channel.is_measure:
            cells.append(say(_measure(channel, rows)))
        elif channel.is_binned:
            cells.extend(map(say, remaining.pop(0)))
        else:
            cells.append(say(remaining.pop(0)))
    return tuple(cells)


def _measure(channel: Channel, rows: pd.DataFrame) -> float:
    operation = channel.written["aggregate"]
    if operation == "count":
        return len(rows)
    values = rows[channel.field].astype("float64")
    finite = values[np.isfinite(values)]
    if finite.empty:
        return math.nan
    return float(getattr(finite, {"average": "mean"}.get(operation, operation))())


def _relation(
    relation: Mapping[str, Any], tables: Mapping[str, Any], read: Callable[[str], bytes]
) -> pd.DataFrame:
    """Return a relation: its tables joined on their id, with a column that marks each one's rows."""
    frames = {each["name"]: pd.concat(map(_frame, map(read, each["urls"]))) for each in relation["tables"]}
    first, *others = frames
    joined = frames[first]
    for name in others:
        id_column = next(each["name"] for each in tables[name]["columns"] if each["role"] == "id")
        joined = joined.merge(frames[name], on=id_column, how="outer")
    for name in frames:
        if tables[name]["member"]:
            id_column = next(each["name"] for each in tables[name]["columns"] if each["role"] == "id")
            joined[tables[name]["member"]] = joined[id_column].isin(frames[name][id_column])
    return joined


def _frame(content: bytes) -> pd.DataFrame:
    table = pq.read_table(io.BytesIO(content))
    frame = table.to_pandas()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(object)
        elif pa.types.is_date(table.schema.field(name).type):
            frame[name] = pd.to_datetime(frame[name])
        elif frame[name].dtype == np.float32:
            frame[name] = frame[name].astype("float64")
    return frame


def compare(found: Shown, expected: Shown, what: str) -> None:
    """Fail unless a view shows what it must: the same counts and rows, numbers but for their last digit."""
    assert (found.rows, found.total) == (expected.rows, expected.total), what
    if not expected.cells and expected.rows:
        return
    left, right = sorted(found.cells, key=_order), sorted(expected.cells, key=_order)
    # A summary names what it is of; the oracle has no titles.
    if left and right and len(left[0]) == len(right[0]) + 1:
        left = sorted((row[1:] for row in left), key=_order)
    assert len(left) == len(right), f"{what}: {len(left)} rows, not {len(right)}"
    for row, other in zip(left, right, strict=True):
        assert len(row) == len(other), f"{what}: {row} is not {other}"
        assert all(map(_is_same, row, other)), f"{what}: {row} is not {other}"


def _is_same(left: str, right: str) -> bool:
    if left == right:
        return True
    a, b = _number(left), _number(right)
    # Sums in another order may differ in the last digit shown: the fourth, or that of a per cent.
    if a is not None and b is not None and left.endswith("%") and right.endswith("%"):
        return math.isclose(a, b, abs_tol=1.01 * 10.0 ** -max(map(_decimals, (left, right))))
    is_rounded = a is not None and b is not None and not (a.is_integer() and b.is_integer())
    return is_rounded and math.isclose(a or 0.0, b or 0.0, rel_tol=1.01e-3)


def _decimals(text: str) -> int:
    return len(text.removesuffix("%").partition(".")[2])


def _number(text: str) -> float | None:
    try:
        return float(text.replace(MINUS, "-").replace(",", "").removesuffix("%"))
    except ValueError:
        return None


def _order(row: tuple[str, ...]) -> tuple[str, ...]:
    """Texts come first, so that a number's last digit does not decide."""
    return tuple(sorted(row, key=lambda cell: (_number(cell) is not None, cell)))
