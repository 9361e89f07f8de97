"""Inactive units: counted as pandas counts, with intervals, and the original's slips mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest

from pipelines.contract import ContractError
from pipelines.inactive_units import compute
from pipelines.inactive_units.counts import Counts
from tests.pipelines.asked import Asked, analyse

LABELS = np.array(["cat", "dog", None], object)


def sparse(rows: int = 200, units: int = 8) -> Any:
    """Return responses of which some are zero; unit 0 always, unit 1 never, unit 2 but for cats."""
    generator = np.random.default_rng(5)
    values = np.maximum(generator.normal(size=(rows, units)), 0).astype(np.float32)
    values[:, 0] = 0
    values[:, 1] = 1 + generator.random(rows)
    values[np.arange(rows) % 3 != 0, 2] = 0
    values[np.arange(rows) % 3 == 0, 2] = 1
    return values


def run(root: Path, rows: Any, parameters: dict[str, Any] | None = None, labels: Any = None) -> Asked:
    lists = pa.array(np.asarray(rows, np.float32).tolist(), pa.list_(pa.float32()))
    known = {} if labels is None else {"label": pa.array(labels, pa.string())}
    names = pa.array(["cat"] * len(rows))
    pq.write_table(pa.table({"embedding": lists, "prediction": names, **known}), root / "data.parquet")
    return analyse(root, "inactive_units", "columns", parameters, {"source": "data.parquet"})


def test_shares_are_counts_with_wilsons_interval(tmp_path: Path) -> None:
    rows = sparse()
    units = run(tmp_path, rows).frame("units").set_index("unit").sort_index()
    zero = np.isclose(rows, 0)
    assert units["inactive"].tolist() == zero.sum(axis=0).tolist()
    assert np.allclose(units["share"], zero.mean(axis=0))
    for count, low, high in units[["inactive", "low", "high"]].itertuples(index=False):
        interval = binomtest(int(count), len(rows)).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert units.index[units["is_dead"]].tolist() == [0]
    assert np.allclose(units["mean"], rows.mean(axis=0, dtype=float))
    assert np.allclose(units["variance"], rows.var(axis=0, ddof=1, dtype=float))
    assert np.allclose(units["peak"], np.abs(rows).max(axis=0))


def test_a_layer_has_the_mean_and_the_deviation_of_its_inactive_units(tmp_path: Path) -> None:
    rows = sparse()
    (layer,) = run(tmp_path, rows).frame("layers").itertuples()
    inactive = pd.Series((rows == 0).sum(axis=1))
    assert (layer.units, layer.places, layer.inputs, layer.dead) == (8, 1, 200, 1)
    assert (layer.mean_inactive, layer.sd_inactive) == pytest.approx((inactive.mean(), inactive.std()))


def test_each_label_is_counted_apart_and_unknown_ones_nowhere(tmp_path: Path) -> None:
    rows = sparse()
    labels = LABELS[np.arange(len(rows)) % 3]
    asked = run(tmp_path, rows, labels=labels)
    classes = asked.frame("classes")
    assert len(classes) == 8 * 2
    for label, part in classes.groupby("label", observed=True):
        own = rows[labels == label]
        assert part.sort_values("unit")["inactive"].tolist() == (own == 0).sum(axis=0).tolist()
        assert set(part["inputs"]) == {len(own)}
    cats = classes[(classes["unit"] == 2) & (classes["label"] == "cat")].iloc[0]
    assert (cats["inactive"], cats["share"], cats["low"]) == (0, 0, 0)
    assert 0 < cats["high"] < 0.1
    without = run(tmp_path, rows, {"by_class": False}, labels)
    assert [table.name for table in without.manifest.tables] == ["layers", "units"]


def test_a_threshold_is_of_the_size_of_a_response(tmp_path: Path) -> None:
    rows = np.array([[-0.05, 0.2], [0.05, -0.3], [0.2, 0.0]])
    units = run(tmp_path, rows, {"threshold": 0.1}).frame("units").sort_values("unit")
    assert units["inactive"].tolist() == [2, 1]


def test_a_unit_of_a_feature_map_is_active_where_one_place_is() -> None:
    values = np.zeros((4, 2, 9))
    values[1, 0, 3] = values[2, 0, 8] = 1
    counts = Counts(2, 9, 0)
    for part in np.split(values, 2):
        counts.add(part, 1e-8, None)
    # The original counts places: it would find 34 of 36 and 36 of 36 inactive, and no unit.
    assert counts.inactive.tolist() == [2, 4]
    assert counts.zeros.tolist() == [34, 36]


@pytest.mark.parametrize("kind", ["int8", "uint8", "int64", "bool"])
def test_whole_numbers_have_the_size_that_they_have(kind: str) -> None:
    largest = {"int8": -128, "uint8": 255, "int64": -(2**62), "bool": True}[kind]
    values = np.zeros((300, 2, 4), kind)
    values[:, 1] = largest
    counts = Counts(2, 4, 0)
    counts.add(values, 1e-8, None)
    assert counts.inactive.tolist() == [300, 0]
    assert counts.zeros.tolist() == [1200, 0]
    assert counts.peak.tolist() == [0, abs(float(largest))]
    assert counts.responses.mean.tolist() == [0, float(largest)]


def test_batches_of_any_size_give_the_same_and_keep_nothing_of_samples() -> None:
    values = sparse(300)[:, :, None] + 1e5
    one, many = Counts(8, 1, 0), Counts(8, 1, 0)
    one.add(values, 1e-8, None)
    for part in np.split(values, 100):
        many.add(part, 1e-8, None)
    assert np.allclose(one.responses.variance(), many.responses.variance(), rtol=1e-9)
    assert np.allclose(many.responses.variance(), values[:, :, 0].var(axis=0, ddof=1, dtype=float), rtol=1e-9)
    held = [value.size for value in vars(many).values() if isinstance(value, np.ndarray)]
    assert max(held) == 8


def test_a_response_that_is_no_number_is_not_active(tmp_path: Path) -> None:
    rows = sparse(20)
    rows[3, 4] = np.inf
    with pytest.raises(ContractError, match="gives NaN or infinity, first for row 4"):
        run(tmp_path, rows)


def test_more_rows_than_a_table_holds_are_refused_before_the_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "MOST_ROWS", 10)
    labels = ["cat", "dog"] * 100
    with pytest.raises(ContractError, match="8 units and 2 classes make 16 rows, at most 10"):
        run(tmp_path, sparse(), labels=labels)
