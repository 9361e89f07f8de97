"""Duplicates: lines that flag nothing where there is nothing, groups, copies, and what leaks by them."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pipelines import contract, models, runner
from pipelines.contract import ContractError, Manifest
from pipelines.duplicates import accelerated, leakage, thresholds
from pipelines.duplicates.near import Near, near_duplicates
from pipelines.progress import Steps
from pipelines.registry import Registry
from pipelines.roles import guess
from tests.pipelines import clouds

DEFAULTS: Mapping[str, Any] = {item.name: item.default for item in Registry().spec("duplicates").parameters}
ROWS = 3000


def near(points: Any, **parameters: Any) -> Near:
    steps = Steps("near", lambda: 0.0, lambda _: None)
    return near_duplicates(np.asarray(points, np.float32), {**DEFAULTS, **parameters}, "cpu", steps)


# Where the line is drawn --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", clouds.CLOUDS)
def test_flags_nothing_where_there_are_no_duplicates(name: str, seed: int) -> None:
    found = near(clouds.CLOUDS[name](np.random.default_rng(seed), ROWS))
    assert (found.of("gap") >= 0).sum() == 0


@pytest.mark.parametrize(("share", "size"), [(0.1, 2), (0.9, 2), (0.5, 8), (0.5, 10), (0.05, 30)])
@pytest.mark.parametrize("name", ["Gaussian", "clusters", "heavy tails", "dense middle"])
def test_finds_every_near_twin_and_hardly_anything_else(name: str, share: float, size: int) -> None:
    random = np.random.default_rng(2)
    points = clouds.CLOUDS[name](random, ROWS)
    has_twin = clouds.with_twins(random, points, share, size)
    found = near(points)
    flagged = found.of("gap") >= 0
    assert (flagged & has_twin).sum() == has_twin.sum()
    assert (flagged & has_twin).sum() / flagged.sum() >= 0.99
    assert found.of("gap").max() + 1 == has_twin.sum() // size


def test_other_rules_flag_what_is_none() -> None:
    """The reason for a rule of our own: false positives of the others, in per cent of the rows."""
    table = {}
    for name in ("Gaussian", "plane", "dense middle"):
        found = near(clouds.CLOUDS[name](np.random.default_rng(0), 5000))
        nearest = found.nearest
        fixed = 100 * (nearest <= thresholds.SHARE * np.median(nearest)).mean()
        slope = 100 * (found.of("slope") >= 0).mean()
        table[name] = {"slope": slope, "fixed": fixed, "gap": 100 * (found.of("gap") >= 0).mean()}
    assert table["Gaussian"]["slope"] > 5
    assert table["plane"]["fixed"] > 1
    assert table["dense middle"]["fixed"] > 1
    assert [row["gap"] for row in table.values()] == [0, 0, 0]


@pytest.mark.parametrize("dimensions", [2, 3, 5])
def test_estimates_how_many_dimensions_are_filled(dimensions: int) -> None:
    points = np.random.default_rng(3).uniform(size=(ROWS, dimensions)) @ np.eye(dimensions, 20)
    assert near(points).dimension == pytest.approx(dimensions, rel=0.2)


def test_slope_and_percentile_follow_the_formulas_of_dnikit() -> None:
    distances = np.random.default_rng(4).gamma(4, size=(700, 9)).astype(np.float32)
    distances[:50, 0] = 0
    everything = np.sort(distances.ravel())
    positive = everything[everything > 0]
    count = len(positive)
    stride, place, width = count // 1000 + 1, count // 2, count // 5
    usual = positive[place + place // 2] - positive[place - place // 2]
    while place > stride and positive[place + width] - positive[place] <= usual:
        place -= stride
    assert thresholds.slope(distances, 5) == positive[place]
    assert thresholds.percentile(distances, 98.5) == positive[count - int(0.985 * count)]


def test_rules_stand_distances_that_are_all_zero() -> None:
    assert math.isnan(thresholds.slope(np.zeros((4, 9), np.float32), 5))
    assert math.isnan(thresholds.percentile(np.zeros((4, 9), np.float32), 98.5))
    found = near(np.ones((20, 3)))
    assert {line.rule: set(groups) for line, groups in found.groups.items()} == {
        "gap": {0},
        "slope": {0},
        "percentile": {0},
    }
    assert near([[1.0, 2.0]]).of("gap").tolist() == [-1]


def test_a_column_of_zeros_changes_nothing_where_the_original_divides_by_its_norm() -> None:
    random = np.random.default_rng(6)
    points = clouds.gaussian(random, 600)
    clouds.with_twins(random, points, 0.1, 2)
    found = near(points)
    beside = near(np.hstack([points, np.zeros((600, 3))]))
    assert (found.of("gap") >= 0).sum() == 60
    assert np.array_equal(beside.of("gap"), found.of("gap"))
    assert np.isfinite(beside.nearest).all()
    assert np.allclose(beside.nearest, found.nearest, rtol=1e-5, atol=1e-6)


def test_a_line_of_ones_own_and_the_cosine() -> None:
    points = [[0, 0], [0, 1], [0, 2], [9, 9], [18, 18.001]]
    assert near(points, rule="given", distance=1.0).of("given").tolist() == [0, 0, 0, -1, -1]
    turned = near(points[1:], rule="given", metric="cosine", distance=0.001)
    assert turned.of("given").tolist() == [0, 0, 1, 1]


def test_many_identical_embeddings_hide_no_neighbour() -> None:
    random = np.random.default_rng(5)
    points = clouds.gaussian(random, 800)
    points[:100] = points[0]
    points[100] = points[0] + random.normal(size=40) * 1e-3 * points.std()
    found = near(points)
    assert found.of("gap").tolist() == [0] * 101 + [-1] * 699
    assert (found.edges.distance[:99] == 0).all()
    assert (found.edges.distance[99:] > 0).all()


def test_groups_are_whole_though_their_members_have_nearer_neighbours() -> None:
    """Of a chain of tight parts no list of ten neighbours leads from one part to the next."""
    random = np.random.default_rng(3)
    points = clouds.gaussian(random, 1500)
    parts, size, step = 4, 14, 0.02
    for part in range(parts):
        members = slice(part * size, (part + 1) * size)
        points[members] = points[0] + random.normal(size=(size, 40)) * 1e-5
        points[members, 0] += part * step
    chain = parts * size
    found = near(points, rule="given", distance=1.5 * step)
    assert found.of("given")[:chain].tolist() == [0] * chain
    assert (found.of("given")[chain:] == -1).all()
    assert found.of("gap")[:chain].tolist() == [0] * chain
    # A line below the step leaves the parts what they are.
    apart = near(points, rule="given", distance=0.5 * step).of("given")[:chain]
    assert apart.reshape(parts, size).tolist() == [[part] * size for part in range(parts)]


@pytest.mark.parametrize(("distance", "seed"), [(0.35, 0), (0.5, 1), (0.8, 2)])
def test_groups_are_those_of_all_pairs(distance: float, seed: int) -> None:
    """Whatever the lists of neighbours hold: against single linkage over every pair."""
    from scipy.cluster.hierarchy import fcluster, linkage

    points = np.random.default_rng(seed).normal(size=(400, 3)).astype(np.float32)
    found = near(points, rule="given", distance=distance, neighbors=4).of("given")
    expected = fcluster(linkage(points.astype(np.float64), "single"), distance, "distance")
    sizes = np.bincount(expected)[expected]
    assert (found < 0).tolist() == (sizes == 1).tolist()
    pairs = {*zip(found[found >= 0].tolist(), expected[found >= 0].tolist(), strict=True)}
    assert len(pairs) == len({group for group, _ in pairs}) == len({group for _, group in pairs})


@pytest.mark.parametrize("size", [12, 30])
def test_where_nearly_all_have_more_twins_than_neighbours_more_neighbours_tell_them(size: int) -> None:
    """Tight classes look just the same: nothing is flagged that nobody can tell, as the guide says."""
    random = np.random.default_rng(2)
    points = clouds.gaussian(random, ROWS)
    has_twin = clouds.with_twins(random, points, 0.9, size)
    blind = near(points)
    assert (blind.of("gap") >= 0).sum() == 0
    # A twin that no list of another names is in no closed group.
    assert 0.95 * has_twin.sum() < blind.closed <= has_twin.sum()
    seeing = near(points, neighbors=2 * size)
    found = seeing.of("gap")
    assert ((found >= 0) == has_twin).all()
    assert found.max() + 1 == has_twin.sum() // size
    assert seeing.closed <= 0.02 * ROWS


@pytest.mark.parametrize("cloud", list(clouds.CLOUDS))
def test_data_without_copies_has_no_closed_groups(cloud: str) -> None:
    points = clouds.CLOUDS[cloud](np.random.default_rng(4), ROWS)
    assert near(points).closed <= 0.02 * ROWS


def test_pairs_are_those_of_the_neighbours_each_once_and_nearest_first() -> None:
    from sklearn.neighbors import NearestNeighbors

    points = clouds.gaussian(np.random.default_rng(6), 400).astype(np.float32)
    edges = near(points, neighbors=5).edges
    distances, places = NearestNeighbors(n_neighbors=5, algorithm="brute").fit(points).kneighbors()
    expected = {
        (min(row, other), max(row, other)): far
        for row in range(400)
        for other, far in zip(places[row], distances[row], strict=True)
    }
    pairs = list(zip(edges.first.tolist(), edges.second.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == set(expected)
    assert np.allclose(edges.distance, [expected[pair] for pair in pairs], rtol=1e-4)
    assert (np.diff(edges.distance) >= 0).all()
    for first, second, rank, back in zip(edges.first, edges.second, edges.rank, edges.rank_back, strict=True):
        assert (places[first][rank - 1] == second) if rank else second not in places[first]
        assert (places[second][back - 1] == first) if back else first not in places[second]


# Reports ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What a run wrote."""

    folder: Path
    manifest: Manifest

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = contract.read_table(self.folder, self.manifest.table(name)).to_pandas()
        return frame

    @property
    def names(self) -> set[str]:
        """The names of the tables."""
        return {table.name for table in self.manifest.tables}


def run(root: Path, dataset: Mapping[str, Any] | None = None, on: str = "auto", **columns: Any) -> Found:
    """Look for duplicates in a Parquet file of these columns, on a device."""
    pq.write_table(pa.table(columns), root / "data.parquet")
    report = {
        "datasets": {"data": {"source": "data.parquet", **(dataset or {})}},
        "tools": {"found": {"tool": "duplicates", "dataset": "data"}},
    }
    (manifest,) = runner.run(report, root, device=on)
    assert contract.verify(root / "artifacts" / "found", manifest) == []
    return Found(root / "artifacts" / "found", manifest)


def lists(points: Any) -> pa.Array:
    return pa.array(np.asarray(points, np.float32).tolist(), pa.list_(pa.float32()))


def png(pixels: Any, **options: Any) -> bytes:
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG", **options)
    return sink.getvalue()


def test_tells_equal_files_from_equal_pixels(tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    grey, other, large = (random.integers(0, 256, shape, np.uint8) for shape in ((9, 9), (9, 9), (300, 300)))
    nearly = large.copy()
    nearly[0, 0] ^= 1
    images = [
        png(grey),
        png(other),
        png(grey),
        png(grey, compress_level=0),
        png(np.stack([grey] * 3, axis=2)),
        png(large),
        png(nearly),
    ]
    samples = run(tmp_path, image=images)["samples"]
    assert samples["duplicates_bytes"].tolist() == [0, -1, 0, -1, -1, -1, -1]
    assert samples["duplicates_pixels"].tolist() == [0, -1, 0, 0, 0, -1, -1]


def test_texts_are_the_same_without_capitals_and_spaces(tmp_path: Path) -> None:
    texts = ["A  caf\u00e9 ", "a cafe\u0301", None, "a tea", None, "A\ncaf\u00c9"]
    assert run(tmp_path, text=texts)["samples"]["duplicates_content"].tolist() == [0, 0, -1, -1, -1, 0]


def test_rows_are_the_same_whatever_somebody_says_of_them(tmp_path: Path) -> None:
    columns = {
        "id": ["a", "b", "c", "d", "e"],
        "weight": [1.0, 1.0, None, None, 0.0],
        "colour": ["Red", "red ", "red", "red", "red"],
        "label": ["x", "y", "x", "x", "x"],
    }
    found = run(tmp_path, **columns)
    assert found["samples"]["duplicates_content"].tolist() == [0, 0, 1, 1, -1]
    groups = found["groups"]
    assert groups["representative"].tolist() == ["a", "c"]
    assert groups["labels_disagree"].tolist() == [True, False]
    assert groups["crosses_splits"].isna().all()
    assert groups["spread"].isna().all()
    assert found.names == {"samples", "groups"}


def leaking() -> dict[str, Any]:
    """Return columns of rows of which some are repeated, exactly or nearly, in another split."""
    random = np.random.default_rng(8)
    points = clouds.gaussian(random, 400)
    split = np.array(["train"] * 300 + ["test"] * 100)
    for train, test in ((0, 300), (1, 301), (2, 302)):
        points[test] = points[train]
    noise = random.normal(size=(4, clouds.DIMENSIONS)) * 1e-4
    points[303:306] = points[3:6] + noise[:3]
    points[10] = points[11] + noise[3]
    label = np.where(np.arange(400) % 2, "odd", "even")
    prediction = np.where(np.arange(400) % 5 == 4, "odd", label)
    value = [f"v{index - 300 if 300 <= index < 303 else index}" for index in range(400)]
    key = [f"s{index:03}" for index in range(400)]
    columns = {"id": key, "embedding": lists(points), "value": value}
    return {**columns, "label": label, "prediction": prediction, "split": split}


def test_audits_what_leaks_between_splits(tmp_path: Path) -> None:
    columns = leaking()
    found = run(tmp_path, **columns)
    counts = found["leakage"].set_index(["kind", "split", "other"])["repeated"]
    expected = {
        ("exact", "test", "train"): 3,
        ("exact", "train", "test"): 3,
        ("exact", "train", "train"): 0,
        ("near", "test", "train"): 3,
        ("near", "train", "test"): 3,
        ("near", "train", "train"): 2,
        ("near", "test", "test"): 0,
        ("any", "test", "train"): 6,
        ("any", "train", "train"): 2,
    }
    assert {place: counts[place] for place in expected} == expected
    samples = found["samples"].set_index("id")
    assert samples["leak"].loc["s300":"s306"].tolist() == ["exact"] * 3 + ["near"] * 3 + ["none"]
    assert samples["leak"].loc[:"s299"].isna().all()
    groups = found["groups"]
    assert groups["kind"].value_counts().to_dict() == {"near": 7, "content": 3}
    crossing = groups[groups["kind"] == "near"].set_index("representative")["crosses_splits"]
    assert crossing.sum() == 6


def test_accuracy_without_what_leaks_is_that_of_the_rows_left(tmp_path: Path) -> None:
    columns = leaking()
    accuracy = run(tmp_path, **columns)["accuracy"].set_index("samples")
    right = np.asarray(columns["label"]) == np.asarray(columns["prediction"])
    rows = {
        "all": np.arange(300, 400),
        "without exact": np.arange(303, 400),
        "without exact and near": np.arange(306, 400),
        "repeated only": np.arange(300, 306),
    }
    assert accuracy["split"].unique().tolist() == ["test"]
    for name, chosen in rows.items():
        row = accuracy.loc[name]
        assert (row["rows"], row["correct"]) == (len(chosen), right[chosen].sum())
        assert row["accuracy"] == pytest.approx(right[chosen].mean())
        assert (row["low"], row["high"]) == pytest.approx(wilson(right[chosen]))


def wilson(right: Any) -> tuple[float, float]:
    from scipy.stats import binomtest

    found = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def test_no_rows_have_no_accuracy_and_no_interval() -> None:
    flags = np.zeros(3, bool)
    found = leakage.accuracies(np.zeros(3, np.int64), ["test"], np.ones(3), flags, flags)
    assert found["rows"] == [3, 3, 3, 0]
    assert found["accuracy"][3] is found["low"][3] is found["high"][3] is None


def test_without_a_training_split_any_other_leaks() -> None:
    splits = np.array([0, 1, 1, -1])
    groups = np.array([0, 0, -1, 0])
    repeated = leakage.repeats(splits, 2, groups, None)
    exact, near_only = leakage.leaks(splits, ["a", "b"], repeated)
    assert exact.tolist() == [True, True, False, False]
    assert not near_only.any()


def test_groups_have_a_spread_and_a_member_in_their_middle(tmp_path: Path) -> None:
    random = np.random.default_rng(9)
    points = clouds.gaussian(random, 500)
    points[:5] = points[0] + random.normal(size=(5, clouds.DIMENSIONS)) * 1e-3
    found = run(tmp_path, embedding=lists(points))
    (group,) = found["groups"].to_dict("records")
    members = points[:5].astype(np.float32)
    far = np.linalg.norm(members - members.mean(axis=0), axis=1)
    assert (group["size"], group["representative"]) == (5, far.argmin())
    assert group["spread"] == pytest.approx(far.mean(), rel=1e-5)
    neighbors = found["neighbors"]
    line = found["thresholds"].set_index("rule").loc["gap"]
    chosen = (neighbors["distance"] <= line["distance"]) & (neighbors["relative"] <= line["relative"])
    assert set(neighbors[chosen][["sample", "neighbor"]].to_numpy().ravel()) == set(range(5))
    assert (line["flagged"], line["groups"], line["is_exact"]) == (5, 1, True)


def test_names_are_those_that_symphony_looks_for(tmp_path: Path) -> None:
    found = run(tmp_path, **leaking())
    table = contract.read_table(found.folder, found.manifest.table("samples"))
    for name in ("duplicates_content", "duplicates_near"):
        roles = guess(table.select([name]), (), ())
        assert {role: told.column for role, told in roles.items()} == {"duplicates": name}
        assert table[name].type == pa.int32()
        assert pa.compute.min(table[name]).as_py() == -1


def test_reads_the_tables_of_a_classification_and_repeats_itself(digits: tuple[Path, Manifest]) -> None:
    from tests.pipelines.conftest import DIGITS

    root = digits[0].parents[1]
    inputs = {"embeddings": "digits/embeddings", "samples": "digits/samples"}
    tools = {**DIGITS["tools"], "found": {"tool": "duplicates", "dataset": "digits", "inputs": inputs}}
    runs = [
        runner.run({**DIGITS, "tools": tools}, root, ["found"], device="cpu", force=forced)[-1]
        for forced in (False, True)
    ]
    assert runs[0].tables == runs[1].tables
    found = Found(root / "artifacts" / "found", runs[1])
    assert found.names == {"samples", "groups", "leakage", "accuracy", "neighbors", "thresholds"}
    samples, classified = found["samples"], contract.read_table(*described(digits)).to_pandas()
    assert samples["id"].tolist() == classified["id"].tolist()
    test = classified[classified["split"] == "test"]
    everything = found["accuracy"].set_index("samples").loc["all"]
    assert (everything["rows"], everything["correct"]) == (len(test), test["correct"].sum())


def described(report: tuple[Path, Manifest]) -> tuple[Path, contract.Table]:
    return report[0], report[1].table("samples")


def test_compares_on_a_gpu_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    compared = accelerated.compared

    def on_cpu(vectors: Any, keep: int, k: int, device: str, advance: Any) -> Any:
        asked.append(device)
        return compared(vectors, keep, k, "cpu", advance)

    points = lists(clouds.gaussian(np.random.default_rng(10), 50))
    plain = run(tmp_path, embedding=points)["neighbors"]
    (tmp_path / "gpu").mkdir()
    monkeypatch.setattr(models, "torch_devices", lambda: ("cuda", "cpu"))
    monkeypatch.setattr(accelerated, "compared", on_cpu)
    found = run(tmp_path / "gpu", embedding=points)
    assert (asked, found.manifest.device) == (["cuda"], "cuda")
    pd.testing.assert_frame_equal(found["neighbors"], plain)
    monkeypatch.setattr(models, "torch_devices", lambda: ("cpu",))
    with pytest.raises(ContractError, match='there is no device "cuda" here'):
        run(tmp_path, embedding=points, on="cuda")


def test_a_table_of_embeddings_is_enough(digits: tuple[Path, Manifest]) -> None:
    from tests.pipelines.conftest import DIGITS

    inputs = {"embeddings": "digits/embeddings"}
    tools = {**DIGITS["tools"], "alone": {"tool": "duplicates", "inputs": inputs}}
    manifest = runner.run({**DIGITS, "tools": tools}, digits[0].parents[1], ["alone"], device="cpu")[-1]
    assert {table.name for table in manifest.tables} == {"samples", "groups", "neighbors", "thresholds"}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": ["a", "b"], "label": ["x", "y"]}, "has nothing to compare"),
        ({"embedding": lists([[1, 2], [math.nan, 1]])}, "1 of 2 embeddings hold NaN, infinity or numbers"),
        ({"embedding": lists([[1, 2], [1e30, 1]])}, "1 of 2 embeddings hold NaN, infinity or numbers"),
        (
            {"duplicates_near": ["a", "b"], "embedding": lists([[1, 2], [3, 1]])},
            "as a column that is written",
        ),
    ],
)
def test_refuses_what_it_cannot_compare(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    roles = {"roles": {"id": "duplicates_near"}} if "duplicates_near" in columns else {}
    with pytest.raises(ContractError, match=message):
        run(tmp_path, roles, **columns)


def test_refuses_to_have_nothing_and_tables_of_other_samples(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="is given neither a dataset nor embeddings"):
        runner.run({"tools": {"found": {"tool": "duplicates"}}}, tmp_path)
    (tmp_path / "few.csv").write_text("label,prediction\na,b\n")
    other: Sequence[str] = ("id,label,prediction", "one,a,b")
    (tmp_path / "named.csv").write_text("\n".join(other) + "\n")
    report = {
        "datasets": {"few": {"source": "few.csv"}, "named": {"source": "named.csv"}},
        "models": {"own": {"source": "columns"}},
        "tools": {
            "told": {"tool": "classification", "dataset": "few", "model": "own"},
            "found": {"tool": "duplicates", "dataset": "named", "inputs": {"samples": "told/samples"}},
        },
    }
    with pytest.raises(ContractError, match='ids are string, those of the table "samples" are int'):
        runner.run(report, tmp_path)
