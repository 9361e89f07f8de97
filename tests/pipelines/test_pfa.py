"""Principal filter analysis: the published formulas, closed forms, and what the original gets wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import entropy

from pipelines.contract import ContractError
from pipelines.pfa.accelerated import product_on
from pipelines.pfa.moments import Moments
from pipelines.pfa.selection import active, correlations, places
from pipelines.pfa.spec import SELECTIONS
from pipelines.pfa.strategies import (
    Spectrum,
    by_divergence,
    by_energy,
    divergence,
    energy_of_size,
    ratio,
    spectrum,
)
from tests.pipelines.asked import Asked, analyse

Matrix = Any


def random(seed: int, rows: int, units: int) -> Matrix:
    """Return rows of correlated units with a decaying spectrum."""
    generator = np.random.default_rng(seed)
    return (
        generator.normal(size=(rows, units)) @ generator.normal(size=(units, units)) / (1 + np.arange(units))
    )


def spectra(*seeds: int) -> list[Spectrum]:
    return [spectrum(np.cov(random(seed, 200, 12 + seed), rowvar=False)) for seed in seeds]


def run(root: Path, rows: Matrix, parameters: dict[str, Any] | None = None, **columns: Any) -> Asked:
    """Analyse responses that a dataset carries as embeddings."""
    lists = pa.array(np.asarray(rows, np.float32).tolist(), pa.list_(pa.float32()))
    names = pa.array(["a"] * len(rows))
    pq.write_table(pa.table({"embedding": lists, "prediction": names, **columns}), root / "data.parquet")
    return analyse(root, "pfa", "columns", parameters, {"source": "data.parquet"})


# Covariance ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(500,), (1, 2, 3, 494), (250, 250), (5,) * 100])
def test_one_pass_gives_the_covariance_of_numpy_however_rows_are_cut(sizes: tuple[int, ...]) -> None:
    rows = random(1, 500, 7)
    moments = Moments(7)
    for part in np.split(rows, np.cumsum(sizes)[:-1]):
        moments.add(part)
    assert moments.count == 500
    assert np.allclose(moments.mean, rows.mean(axis=0))
    assert np.allclose(moments.covariance(), np.cov(rows, rowvar=False), rtol=1e-12)


def test_a_large_mean_costs_no_digits_where_sums_of_squares_lose_all() -> None:
    rows = random(2, 400, 5) * 1e-3
    shifted = rows + 1e6
    moments = Moments(5)
    for part in np.split(shifted, 4):
        moments.add(part)
    expected = np.cov(shifted - 1e6, rowvar=False)
    assert np.allclose(moments.covariance(), expected, rtol=1e-9)
    sums = shifted.sum(axis=0)
    original = shifted.T @ shifted / 399 - np.outer(sums / 400, sums / 399)
    assert not np.allclose(original, expected, rtol=0.5)


def test_the_product_of_a_device_is_that_of_numpy() -> None:
    rows = random(3, 64, 9)
    assert np.allclose(product_on("cpu")(rows), rows.T @ rows, rtol=1e-13)


# Strategies ---------------------------------------------------------------------------------------


def test_the_divergence_is_that_of_scipy_and_the_count_that_of_the_paper() -> None:
    for of in spectra(0, 1, 2, 3, 4):
        equal = np.full(of.units, 1 / of.units)
        expected = entropy(of.eigenvalues / of.eigenvalues.sum(), equal)
        assert divergence(of) == pytest.approx(expected, rel=1e-12)
        share = 1 - expected / np.log(of.units)
        assert ratio(of) == pytest.approx(share)
        assert by_divergence(of) == int(np.ceil(of.units * share))


def test_independent_units_are_all_kept_and_copies_of_one_are_one() -> None:
    assert by_divergence(spectrum(np.eye(9) * 3)) == 9
    assert by_divergence(spectrum(np.ones((9, 9)))) == 1
    assert divergence(spectrum(np.ones((9, 9)))) == pytest.approx(np.log(9))
    # Two blocks of copies with equal variance: the entropy is log 2.
    blocks = np.kron(np.eye(2), np.ones((4, 4)))
    assert ratio(spectrum(blocks)) == pytest.approx(np.log(2) / np.log(8))
    assert by_divergence(spectrum(blocks)) == 3


def test_energy_is_the_least_number_of_components_that_hold_so_much() -> None:
    for of in spectra(0, 1, 2):
        for energy in (0.1, 0.5, 0.9, 0.99):
            kept = by_energy(of, energy)
            held = of.eigenvalues[:kept].sum() / of.eigenvalues.sum()
            assert held >= energy
            assert kept == 1 or of.eigenvalues[: kept - 1].sum() / of.eigenvalues.sum() < energy


@pytest.mark.parametrize("size", [0.1, 0.25, 0.5, 0.77, 0.9])
def test_size_is_one_threshold_at_the_percentile_of_all_layers(size: float) -> None:
    layers = spectra(0, 1, 2, 3)
    begins = np.concatenate(
        [np.concatenate([[0], np.cumsum(of.eigenvalues)[:-1]]) / of.eigenvalues.sum() for of in layers]
    )
    reference = np.percentile(begins, 100 * size)
    shared = energy_of_size(layers, size)
    kept = [by_energy(of, shared) for of in layers]
    assert kept == [by_energy(of, reference) for of in layers]
    assert sum(kept) == pytest.approx(size * len(begins), abs=1)


# What the original gets wrong ---------------------------------------------------------------------


def test_all_of_the_energy_is_the_rank_and_not_every_unit() -> None:
    rows = random(5, 300, 4) @ np.random.default_rng(6).normal(size=(4, 10))
    of = spectrum(np.cov(rows, rowvar=False))
    assert of.rank == 4
    assert by_energy(of, 1) == 4


def test_size_one_keeps_all_and_size_zero_one_of_each_layer() -> None:
    layers = spectra(0, 1, 2)
    assert [by_energy(of, energy_of_size(layers, 1)) for of in layers] == [of.units for of in layers]
    assert [by_energy(of, energy_of_size(layers, 0)) for of in layers] == [1, 1, 1]


def test_a_layer_in_which_nothing_varies_has_no_recommendation() -> None:
    dead = spectrum(np.zeros((6, 6)))
    assert (dead.rank, divergence(dead), by_divergence(dead), by_energy(dead, 0.9)) == (0, None, None, None)
    layers = [*spectra(0), dead]
    # Its units count among all, and those of the others make up the size.
    kept = by_energy(layers[0], energy_of_size(layers, 0.5))
    assert kept == int(np.ceil(0.5 * (12 + 6 - 1)))


def test_a_single_unit_cannot_be_done_without() -> None:
    alone = spectrum(np.array([[2.0]]))
    assert (divergence(alone), ratio(alone), by_divergence(alone), by_energy(alone, 0.5)) == (0, 1, 1, 1)


def test_the_scale_of_responses_changes_nothing() -> None:
    covariance = np.cov(random(7, 300, 12), rowvar=False)
    tiny = covariance * 1e-18
    assert np.allclose(correlations(tiny, active(tiny)), correlations(covariance, active(covariance)))
    assert by_divergence(spectrum(tiny)) == by_divergence(spectrum(covariance))


def test_a_tie_is_broken_among_the_units_that_tie() -> None:
    # The sums of units 0 and 3 tie. Their largest correlation is that of 3 with 1, whose own sum is less: the
    # original takes the row of that correlation for the unit, and lets go of 1.
    sizes = np.array([[0, 0.3, 0.7, 0.2], [0.3, 0, 0, 0.8], [0.7, 0, 0, 0.2], [0.2, 0.8, 0.2, 0]])
    assert sizes.sum(axis=0).round(9).tolist() == [1.2, 1.1, 0.9, 1.2]
    assert places(sizes, "l1_max").argmax() == 3


# Units --------------------------------------------------------------------------------------------


def greedy(sizes: Matrix, selection: str) -> list[int]:
    """Return the units in the order in which they go, by looking at all that is left each time."""
    measure, end = selection.split("_")
    best = max if end == "max" else min
    left = list(range(len(sizes)))
    gone = []
    while left:
        others = {
            unit: sorted((sizes[unit, other] for other in left if other != unit), reverse=best is max)
            for unit in left
        }
        if measure == "l1" or len(left) == 1:
            worst = best(left, key=lambda unit: sum(others[unit]))
        else:
            extreme = best(each[0] for each in others.values())
            pair = [unit for unit in left if others[unit][0] == extreme]
            worst = best(pair, key=lambda unit: others[unit][1:2])
        left.remove(worst)
        gone.append(worst)
    return gone


@pytest.mark.parametrize("selection", SELECTIONS)
def test_units_go_in_the_order_of_a_search_that_looks_at_everything(selection: str) -> None:
    for seed in range(5):
        covariance = np.cov(random(seed, 100, 14), rowvar=False)
        sizes = np.abs(correlations(covariance, active(covariance)))
        found = places(sizes.copy(), selection)
        assert sorted(found) == list(range(1, 15))
        assert np.argsort(-found).tolist() == greedy(sizes, selection)


def test_of_copies_one_stays() -> None:
    generator = np.random.default_rng(8)
    own = generator.normal(size=(500, 4))
    rows = own[:, [0, 0, 1, 2, 3]] + generator.normal(size=(500, 5)) * 1e-3
    covariance = np.cov(rows, rowvar=False)
    found = places(np.abs(correlations(covariance, active(covariance))), "abs_max")
    assert max(found[0], found[1]) == 5
    assert min(found[0], found[1]) < 5


# The tool -----------------------------------------------------------------------------------------


def test_tables_are_what_pandas_says_of_the_responses(tmp_path: Path) -> None:
    rows = random(9, 300, 10).astype(np.float32)
    rows[:, 3] = 0
    asked = run(tmp_path, rows, {"strategy": "energy", "energy": 0.9})
    (layer,) = asked.frame("layers").itertuples()
    frame = pd.DataFrame(rows.astype(np.float64))
    assert (layer.layer, layer.units, layer.inputs, layer.inactive, layer.rank) == (
        "embedding",
        10,
        300,
        1,
        9,
    )
    assert layer.variance == pytest.approx(frame.var().sum())
    eigenvalues = np.linalg.eigvalsh(frame.cov())[::-1]
    spectrum_ = asked.frame("spectrum")
    assert np.allclose(spectrum_["eigenvalue"], np.maximum(eigenvalues, 0), atol=1e-12)
    assert spectrum_["energy"].iloc[-1] == spectrum_["energy"].iloc[8] == 1
    assert (
        layer.recommended
        == layer.recommended_energy
        == int((eigenvalues.cumsum() / eigenvalues.sum() < 0.9).sum()) + 1
    )
    assert layer.energy == pytest.approx(eigenvalues[: layer.recommended].sum() / eigenvalues.sum())
    units = asked.frame("units").set_index("unit").sort_index()
    assert np.allclose(units["mean"], frame.mean())
    assert np.allclose(units["variance"], frame.var())
    sizes = frame.drop(columns=3).corr()
    away = sizes.where(~np.eye(9, dtype=bool))
    assert np.allclose(units["correlation"].drop(3), away.abs().mean())
    assert units["nearest"].drop(3).astype(int).tolist() == away.abs().idxmax().tolist()
    assert units.loc[3, ["correlation", "nearest", "place"]].isna().all()
    assert units["is_kept"].sum() == layer.recommended
    assert not units.loc[3, "is_kept"]
    assert set(units.index[units["is_kept"]]) == set(units.index[units["place"] <= layer.recommended])


def test_too_few_inputs_are_said_and_recommend_nothing(tmp_path: Path) -> None:
    asked = run(tmp_path, random(10, 10, 10))
    (layer,) = asked.frame("layers").itertuples()
    assert not layer.is_enough
    assert layer.rank == 9
    assert pd.isna(layer.recommended_kl)
    assert pd.isna(layer.recommended_size)
    assert asked.frame("units")["is_kept"].isna().all()


def test_no_more_units_are_kept_than_are_active(tmp_path: Path) -> None:
    rows = np.zeros((50, 6))
    rows[:, :2] = np.random.default_rng(11).normal(size=(50, 2))
    asked = run(tmp_path, rows, {"size": 1.0})
    (layer,) = asked.frame("layers").itertuples()
    # The divergence of two equal eigenvalues among six keeps ceil(6 · log 2 / log 6) = 3.
    assert (layer.recommended_kl, layer.recommended_size, layer.inactive) == (2, 2, 4)


def test_runs_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        asked = run(tmp_path / name, random(12, 300, 20))
        digests.append([file.sha256 for table in asked.manifest.tables for file in table.files])
    assert digests[0] == digests[1]


def test_responses_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    rows = random(13, 40, 3)
    rows[17, 1] = np.nan
    with pytest.raises(ContractError, match='layer "embedding" gives NaN or infinity, first for row 18'):
        run(tmp_path, rows)


def test_a_model_without_layers_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("id,label,prediction\n1,a,a\n2,b,a\n")
    with pytest.raises(ContractError, match="gives no layers"):
        analyse(tmp_path, "pfa", "columns", dataset={"source": "data.csv"})
