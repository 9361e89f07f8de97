"""The tool `summary`: every number beside pandas, and columns that hold nothing, one thing, or no numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import contract, runner
from pipelines.contract import Manifest
from pipelines.summary.compute import histogram

ROWS = 700


def rows() -> pd.DataFrame:
    chance = np.random.default_rng(5)
    frame = pd.DataFrame({"weight": chance.gamma(2.0, 3.0, ROWS)})
    frame.loc[:4, "weight"] = [np.nan, np.inf, -np.inf, 0.0, -1.5]
    frame["legs"] = pd.Series(chance.integers(0, 5, ROWS), dtype="Int64").mask(frame.index % 50 == 0)
    frame["label"] = pd.Series(chance.choice(["cat", "dog", "Ärger's, 'owl'"], ROWS)).mask(
        frame.index % 9 == 0
    )
    frame["note"] = [f"note {index}" for index in range(ROWS)]
    frame["seen"] = pd.date_range("2020-01-01", periods=ROWS, freq="h", tz="UTC")
    frame["sure"] = chance.random(ROWS) < 0.5
    frame["same"] = 4.0
    frame["never"] = pd.Series([None] * ROWS, dtype="Float64")
    return frame


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    root = tmp_path_factory.mktemp("summary")
    table = pa.Table.from_pandas(rows(), preserve_index=False)
    # NaN is a value here, not a missing one.
    weight = pa.array(rows()["weight"].to_numpy(), from_pandas=False)
    table = table.set_column(0, "weight", weight).append_column("vector", pa.array([[1.0, 2.0]] * ROWS))
    pq.write_table(table, root / "data.parquet")
    told = {
        "datasets": {"farm": {"source": "data.parquet"}},
        "tools": {"farm": {"tool": "summary", "dataset": "farm", "parameters": {"values": 7, "bins": 11}}},
    }
    (manifest,) = runner.run(told, root)
    return root / "artifacts" / "farm", manifest


def read(written: tuple[Path, Manifest], table: str) -> pd.DataFrame:
    folder, manifest = written
    found: pd.DataFrame = contract.read_table(folder, manifest.table(table)).to_pandas()
    return found


def test_the_artifact_keeps_the_contract(written: tuple[Path, Manifest]) -> None:
    assert contract.verify(*written) == []


def test_counts_and_quantiles_are_those_of_pandas(written: tuple[Path, Manifest]) -> None:
    said = read(written, "columns").set_index("column")
    frame = rows()
    assert [name for name in said.index if name != "id"] == [*frame.columns, "vector"]
    finite = frame["weight"].replace([np.inf, -np.inf], np.nan).dropna()
    expected = finite.describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95])
    names = ("mean", "deviation", "q05", "q25", "median", "q75", "q95")
    keys = ("mean", "std", "5%", "25%", "50%", "75%", "95%")
    np.testing.assert_allclose(
        said.loc["weight", list(names)].astype(float), expected[list(keys)], rtol=1e-12
    )
    assert said.loc["weight", ["missing", "not_finite", "distinct"]].to_list() == [0, 3, finite.nunique()]
    for name in ("legs", "label", "note", "sure"):
        assert said.loc[name, "missing"] == frame[name].isna().sum()
        assert said.loc[name, "distinct"] == frame[name].nunique()
    lengths = frame["label"].dropna().str.len()
    assert said.loc["label", ["shortest", "longest"]].to_list() == [lengths.min(), lengths.max()]
    assert said.loc["seen", ["least", "greatest"]].to_list() == ["2020-01-01", "2020-01-30 03:00:00"]


def test_what_a_column_does_not_have_is_null(written: tuple[Path, Manifest]) -> None:
    said = read(written, "columns").set_index("column")
    assert said.loc["never", "missing"] == ROWS
    assert said.loc["never", ["mean", "median", "least"]].isna().all()
    assert said.loc["same", ["mean", "deviation", "q05"]].to_list() == [4.0, 0.0, 4.0]
    assert said.loc["vector", ["distinct", "least", "mean"]].isna().all()
    assert said.loc["label", ["mean", "median"]].isna().all()


def test_frequent_values_are_those_of_pandas(written: tuple[Path, Manifest]) -> None:
    said, frame = read(written, "values"), rows()
    assert set(said["column"]) == {"legs", "label", "note", "sure"}
    for name in ("legs", "label", "sure"):
        found = said[said["column"] == name].set_index("value")
        counts = frame[name].value_counts()
        assert found["count"].to_dict() == {str(value): count for value, count in counts.items()}
        assert found["share"].sum() == pytest.approx(1)
        assert found["rank"].to_list() == list(range(1, len(counts) + 1))
    assert said[said["column"] == "note"]["value"].to_list() == sorted(frame["note"])[:7]


def test_histograms_hold_every_finite_number_once(written: tuple[Path, Manifest]) -> None:
    said, frame = read(written, "histograms"), rows()
    finite = frame["weight"].replace([np.inf, -np.inf], np.nan).dropna()
    found = said[said["column"] == "weight"]
    cut = pd.cut(finite, np.append(found["low"], found["high"].iloc[-1]), right=False, include_lowest=True)
    expected = cut.value_counts(sort=False).to_numpy(copy=True)
    expected[-1] += 1  # the greatest number, on the last edge
    assert found["count"].to_list() == expected.tolist()
    assert said[said["column"] == "same"][["low", "high", "count"]].to_numpy().tolist() == [[4.0, 4.0, ROWS]]
    assert "never" not in set(said["column"])


@pytest.mark.parametrize("values", [[0.3, 0.1 + 0.2], [1e16, 1e16 + 2], [-1.7e308, 1.7e308], [5e-324, 0.0]])
def test_numbers_that_lie_too_close_or_too_far_are_counted(values: list[float]) -> None:
    found = histogram("x", np.array(values), 20)
    assert sum(row["count"] for row in found) == 2
    assert found[0]["low"] == min(values)
    assert found[-1]["high"] == max(values)
