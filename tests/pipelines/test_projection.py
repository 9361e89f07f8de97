"""The projection: components as scikit-learn's, neighbourhoods kept, the same points for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from pipelines import contract, runner
from pipelines.contract import Column, ContractError, Manifest
from pipelines.progress import Steps
from pipelines.projection import compute
from pipelines.registry import Registry
from pipelines.tool import Job

Points = np.ndarray[Any, np.dtype[np.float64]]
DEFAULTS = {item.name: item.default for item in Registry().spec("projection").parameters}


def project(vectors: Any, **parameters: Any) -> Points:
    lists = pa.array(list(map(list, vectors)), pa.list_(pa.float32()))
    table = pa.table({"id": pa.array(range(len(lists)), pa.int32()), "embedding": lists})
    columns = (Column("id", "int32", "id"), Column("embedding", "list<float32>", "embedding"))
    steps, told = Steps("points", lambda: 0.0, lambda _: None), {**DEFAULTS, **parameters}
    job = Job("points", None, None, {"embeddings": table}, told, "cpu", steps, {"embeddings": columns})
    (rows,) = compute.compute(job).tables
    assert rows.data["id"].to_pylist() == list(range(len(lists)))
    return np.column_stack([rows.data["projection_x"], rows.data["projection_y"]])


def test_keeps_neighbourhoods_of_the_digits_and_repeats_itself() -> None:
    vectors = load_digits().data[:400]
    points = project(vectors)
    assert vectors.shape[1] > compute.PCA_DIMENSIONS
    assert trustworthiness(vectors, points, n_neighbors=10) >= 0.9
    assert np.array_equal(points, project(vectors))
    assert not np.array_equal(points, project(vectors, seed=1))


def test_tells_the_epochs_of_the_layout_and_moves_no_point_by_it() -> None:
    from umap import UMAP

    seen: list[int] = []
    vectors = load_digits().data[:100]
    points = compute.layout(vectors, DEFAULTS, seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 500)
    start = compute._start(vectors, DEFAULTS["seed"])
    own = {"min_dist": DEFAULTS["min_dist"], "metric": DEFAULTS["metric"], "random_state": DEFAULTS["seed"]}
    plain = UMAP(n_neighbors=DEFAULTS["neighbors"], init=start, n_jobs=1, **own).fit(
        vectors.astype("float32")
    )
    assert np.array_equal(points, plain.embedding_)


def test_principal_components_are_those_of_scikit_learn() -> None:
    vectors = load_digits().data[:300]
    ours = compute.principal_components(vectors, 50)
    reference = PCA(50, svd_solver="full").fit_transform(vectors)
    signs = np.sign((ours * reference).sum(axis=0))
    assert np.allclose(ours, reference * signs, atol=1e-8)
    assert np.array_equal(ours, compute.principal_components(vectors, 50))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_places_few_samples_by_principal_components(count: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(count, 3))
    points = project(vectors)
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()


def test_places_samples_that_are_all_the_same_or_on_a_line() -> None:
    line = np.outer(np.arange(12), np.ones(4))
    assert np.isfinite(project(np.ones((12, 4)))).all()
    assert np.isfinite(project(line)).all()


def test_refuses_what_has_no_distance() -> None:
    with pytest.raises(ContractError, match="1 of 3 embeddings hold NaN or infinity"):
        project([[1, 2], [np.nan, 1], [0, 0]])
    with pytest.raises(ContractError, match="embeddings have lengths"):
        project([[1, 2], [1]])


def test_is_fed_by_a_classification(told: Callable[..., Manifest]) -> None:
    settings: dict[str, Any] = {
        "tools": {
            "told": {"tool": "classification", "dataset": "told", "model": "own"},
            "points": {"tool": "projection", "inputs": {"embeddings": "told/embedings"}},
        }
    }
    with pytest.raises(
        ContractError, match='"told/embedings" is no table that classification writes\n  did you'
    ):
        told("label,prediction\na,b\n", settings)


def coded(root: Path, count: int = 30) -> dict[str, Any]:
    """Write a dataset with two columns of embeddings; return the settings of a report on it."""
    generator = np.random.default_rng(1)
    lists = {
        name: list(map(list, generator.random((count, 5)).astype(np.float32))) for name in ("text", "look")
    }
    ids = [f"s{number}" for number in range(count)]
    pq.write_table(pa.table({"id": ids, **lists, "age": range(count)}), root / "coded.parquet")
    return {
        "datasets": {"coded": {"source": "coded.parquet", "roles": {"embedding": "look"}}},
        "tools": {"all": {"tool": "dataset", "dataset": "coded"}},
    }


def projected(root: Path, **tool: Any) -> Any:
    settings = coded(root)
    settings["tools"]["map"] = {"tool": "projection", **tool}
    manifest = runner.run(settings, root, device="cpu")[-1]
    assert manifest.tables[0].entity == manifest.dataset == "coded"
    return contract.read_table(root / "artifacts" / "map", manifest.table("points")).to_pydict()


def test_reads_embeddings_of_a_dataset_and_of_any_table(tmp_path: Path) -> None:
    own = projected(tmp_path, dataset="coded")
    assert own["id"][:2] == ["s0", "s1"]
    assert projected(tmp_path, inputs={"embeddings": "all/samples"}) == own
    told = {"inputs": {"embeddings": "all/samples"}, "parameters": {"column": "text"}}
    other = projected(tmp_path, **told)
    assert other["projection_x"] != own["projection_x"]
    vectors = pq.read_table(tmp_path / "coded.parquet").sort_by("id")["text"].to_pylist()
    assert np.allclose(np.array(project(vectors))[:, 0], other["projection_x"])


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        (
            {"dataset": "coded", "parameters": {"column": "txt"}},
            r'column "txt" is not there\n  did you mean "text"',
        ),
        (
            {"dataset": "coded", "parameters": {"column": "age"}},
            r'column "age" holds no lists of numbers\n  known',
        ),
        ({}, r"tools\.map names nothing to read\n  projection reads one of: inputs\.embeddings, dataset"),
        (
            {"dataset": "coded", "inputs": {"embeddings": "all/samples"}},
            r"tools\.map names inputs\.embeddings and dataset\n  projection reads one of",
        ),
        (
            {"inputs": {"embeddings": "al/samples"}},
            r'names no tool of this file\n  did you mean "all/samples"',
        ),
        (
            {"inputs": {"embeddings": "all/sample"}},
            r'is no table that dataset writes\n  did you mean "all/samples"',
        ),
    ],
)
def test_says_which_embeddings_there_are(tmp_path: Path, tool: Any, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        projected(tmp_path, **tool)


@pytest.mark.parametrize(("roles", "said"), [([None, None], "no column"), (["embedding"] * 2, "2 columns")])
def test_a_column_that_could_be_meant_is_asked_for(roles: list[str | None], said: str) -> None:
    table = pa.table({"id": [1], "a": [[1.0]], "b": [[1.0]]})
    kinds = [Column(name, "list<float64>", role) for name, role in zip("ab", roles, strict=True)]
    steps = Steps("map", lambda: 0.0, lambda _: None)
    columns = {"embeddings": [Column("id", "int64", "id"), *kinds]}
    job = Job("map", None, None, {"embeddings": table}, DEFAULTS, "cpu", steps, columns)
    with pytest.raises(ContractError, match=rf"{said} with the role embedding\n.*lists of numbers: a, b"):
        compute.compute(job)


@pytest.mark.parametrize("metric", compute.EXACT_METRICS)
def test_neighbours_are_the_nearest_there_are(metric: str) -> None:
    vectors = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)
    indices, distances = compute.neighbours(vectors, 10, metric)
    exact = vectors.astype(float)
    if metric == "cosine":
        unit = exact / np.linalg.norm(exact, axis=1, keepdims=True)
        all_of = 1 - unit @ unit.T
    else:
        all_of = np.linalg.norm(exact[:, None] - exact[None], axis=2)
    assert (indices[:, 0] == np.arange(300)).all()
    assert np.array_equal(np.sort(indices), np.sort(np.argsort(all_of, axis=1)[:, :10]))
    assert np.allclose(distances, np.sort(all_of, axis=1)[:, :10], atol=1e-5)


def test_many_samples_are_laid_out_from_their_exact_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "_epochs", lambda _: 20)
    generator = np.random.default_rng(0)
    middles = generator.normal(size=(40, 8)) * 4
    vectors = (middles[np.arange(4200) % 40] + generator.normal(size=(4200, 8)) * 0.3).astype(np.float32)
    points = compute.layout(vectors, DEFAULTS)
    assert trustworthiness(vectors, points, n_neighbors=10) >= 0.9
    assert np.array_equal(points, compute.layout(vectors, DEFAULTS))
