"""Tables from pandas, polars and Arrow: what goes in comes out, and what cannot is refused in words."""

from __future__ import annotations

import datetime
import decimal
import string
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import contract, datasets
from pipelines.arrow import admitted, type_name
from pipelines.contract import ContractError, Rows, TableSpec
from pipelines.frames import arrow_table, content_digest

FREE = TableSpec("free", "anything", (), open=True)
FACTS = contract.Manifest("made", "dataset")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
UTC = datetime.UTC
KINDS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "bool": (pa.bool_(), st.booleans()),
    "int16": (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    "uint32": (pa.uint32(), st.integers(0, 2**32 - 1)),
    "int64": (pa.int64(), st.integers(-(2**53) + 1, 2**53 - 1)),
    "float32": (pa.float32(), st.floats(width=32, allow_nan=False)),
    "float64": (pa.float64(), st.floats(allow_nan=False)),
    "string": (pa.string(), TEXT),
    "dictionary": (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["<b>", '"', "", "é"])),
    "date": (pa.date32(), st.dates()),
    "timestamp": (
        pa.timestamp("us", "UTC"),
        st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1), timezones=st.just(UTC)),
    ),
    "list<float32>": (pa.list_(pa.float32()), st.lists(st.floats(width=32, allow_nan=False), max_size=3)),
    "list<string>": (pa.list_(pa.string()), st.lists(TEXT, max_size=2)),
    "binary": (pa.binary(), st.binary(max_size=5)),
}
ROUTES: dict[str, Callable[[pa.Table], Any]] = {
    "arrow": lambda table: table,
    "batches": lambda table: table.to_reader(max_chunksize=2),
    "pandas": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda table: pl.from_arrow(table),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """A table of random columns of the contract's types, null among their values."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
    count = draw(st.integers(1, 5))
    arrays = [
        pa.array(draw(st.lists(KINDS[kind][1] | st.none(), min_size=count, max_size=count)), KINDS[kind][0])
        for kind in kinds
    ]
    names = [f"{index}{draw(st.text(string.printable, max_size=4))}" for index in range(len(kinds))]
    return pa.table(arrays, names)


@pytest.mark.parametrize("route", ROUTES)
@settings(max_examples=40, deadline=None)
@given(made=tables())
def test_tables_of_contract_types_come_through_any_library(route: str, made: pa.Table) -> None:
    taken = arrow_table(ROUTES[route](made))
    assert taken.column_names == made.column_names
    for name in made.column_names:
        assert admitted(taken[name]).to_pylist() == made[name].to_pylist()
        assert type_name(admitted(taken[name]).type) == type_name(made[name].type)


@settings(max_examples=20, deadline=None)
@given(made=tables(), cut=st.integers(0, 5))
def test_digest_follows_values_and_no_layout(made: pa.Table, cut: int) -> None:
    whole = content_digest(made)
    assert content_digest(pa.concat_tables([made.slice(0, cut), made.slice(cut)])) == whole
    padded = pa.concat_tables([made.slice(0, 1), made]).slice(1)
    assert content_digest(padded) == whole
    last = made.column_names[-1]
    changed = made.set_column(made.num_columns - 1, last, pa.nulls(made.num_rows, made[last].type))
    assert (content_digest(changed) == whole) == (made[last].null_count == made.num_rows)


def test_digest_tells_lists_apart_that_hold_the_same_values() -> None:
    lists = [[["a", "b"], []], [["a"], ["b"]], [["ab"], []], [["a", "b"], None]]
    assert len({content_digest(pa.table({"c": pa.array(each)})) for each in lists}) == len(lists)
    assert content_digest(pa.table({"c": [1]})) != content_digest(pa.table({"d": [1]}))


def test_takes_what_pandas_makes(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "text": ["a", None],
            "number": [1.5, float("nan")],
            "kind": pd.Categorical(["x", "y"]),
            "when": pd.to_datetime(["2024-01-01 10:00", None]),
            "zoned": pd.to_datetime(["2024-01-01 10:00", "2024-06-01 10:00"]).tz_localize("Europe/Berlin"),
            "span": pd.to_timedelta(["1 min", "2 s"]),
            "whole": pd.array([1, None], dtype="Int64"),
            3: [True, False],
        },
        index=pd.Index(["first", "second"], name="key"),
    )
    data = datasets.from_frame("made", frame)
    assert [(column.name, column.type) for column in data.columns] == [
        ("id", "int32"),
        ("key", "string"),
        ("text", "string"),
        ("number", "float64"),
        ("kind", "dictionary"),
        ("when", "timestamp"),
        ("zoned", "timestamp"),
        ("span", "float64"),
        ("whole", "int64"),
        ("3", "bool"),
    ]
    first, second = data.rows.to_pylist()
    assert (second["text"], second["number"], second["when"], second["whole"]) == (None, None, None, None)
    assert first["zoned"] == datetime.datetime(2024, 1, 1, 9, tzinfo=UTC)
    assert second["zoned"] == datetime.datetime(2024, 6, 1, 8, tzinfo=UTC)
    assert (first["span"], second["span"]) == (60.0, 2.0)
    contract.write_artifact(tmp_path / "made", FACTS, [Rows(FREE, data.rows, data.columns)])


def test_takes_what_polars_makes() -> None:
    frame = pl.DataFrame(
        {
            "text": ["a", "b"],
            "kind": pl.Series(["x", "y"], dtype=pl.Categorical),
            "level": pl.Series(["low", "high"], dtype=pl.Enum(["low", "high"])),
            "price": pl.Series([decimal.Decimal("1.25"), None], dtype=pl.Decimal(10, 2)),
            "clock": [datetime.time(1, 2, 3), None],
            "vector": pl.Series([[1.0, 2.0], [3.0, 4.0]], dtype=pl.Array(pl.Float64, 2)),
            "codes": [[1, 2], [3]],
        }
    )
    data = datasets.from_frame("made", frame)
    kinds = {column.name: column.type for column in data.columns}
    assert kinds["kind"] == kinds["level"] == "dictionary"
    assert (kinds["text"], kinds["price"], kinds["clock"]) == ("string", "float64", "string")
    assert (kinds["vector"], kinds["codes"]) == ("list<float64>", "list<int32>")
    assert data.rows["price"].to_pylist() == [1.25, None]


class Interchange:
    """Speaks the dataframe interchange protocol and nothing else."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame

    def __dataframe__(self, **keywords: Any) -> Any:
        return self.frame.__dataframe__(**keywords)


def test_takes_rows_columns_and_other_interfaces() -> None:
    wanted = {"a": [1, None], "b": ["x", "y"]}
    table = pa.table(wanted)
    for value in (
        wanted,
        [{"a": 1, "b": "x"}, {"b": "y"}],
        table.to_batches(),
        table.to_batches()[0],
        table.to_reader(),
        Interchange(table),
        iter([{"a": 1, "b": "x"}, {"a": None, "b": "y"}]),
    ):
        assert arrow_table(value).to_pydict() == wanted


def test_large_integers_become_text_and_small_lists_stay_numbers() -> None:
    assert admitted(pa.chunked_array([[2**60, None]])).to_pylist() == [str(2**60), None]
    assert admitted(pa.chunked_array([pa.array([[2**40], None])])).to_pylist() == [[str(2**40)], None]
    assert admitted(pa.chunked_array([np.array([1.5], np.float16)])).type == pa.float32()


@pytest.mark.parametrize(
    "text",
    [
        *("0.3", "1e20", "-1234567.125", "0.1234567890123456", "123456789012345678", "9007199254740993"),
        *("1234567890123456.75", "0.30000000000000004", "0.300000000000000000001", "9" * 38, "1e-18"),
    ],
)
def test_a_decimal_is_a_number_where_its_shortest_text_is_exact(text: str) -> None:
    exact = Decimal(text)
    scale = max(0, -int(exact.as_tuple().exponent))
    for kind in (pa.decimal128(38, scale), pa.decimal256(60, scale)):
        (found,) = admitted(pa.chunked_array([pa.array([exact], kind)])).to_pylist()
        is_exact = Decimal(repr(float(text))) == exact
        assert found == (float(text) if is_exact else format(exact, "f"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "is builtins.int, which is no table\n  taken are pandas"),
        ("table", "is builtins.str, which is no table"),
        ([1, 2], "is builtins.list, which is no table"),
        (pl.DataFrame({"a": [1]}).lazy(), r".*LazyFrame, which is no table\n  .*after .collect\(\)"),
        ({"a": [1], "b": [1, 2]}, "is no table that can be read: "),
        (pd.DataFrame({"a": [1, "x"]}), "is no table that can be read: .* Conversion failed for column a"),
        (pa.table([[1], [2]], ["a", "a"]), "has more than one column called a"),
    ],
)
def test_says_what_is_no_table(value: Any, message: str) -> None:
    with pytest.raises(ContractError, match=f"data: {message}"):
        arrow_table(value, "data")
