"""The projection: components as scikit-learn's, neighbourhoods kept, the same points for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from pipelines.contract import ContractError, Manifest
from pipelines.progress import Steps
from pipelines.projection import compute
from pipelines.registry import Registry
from pipelines.tool import Job

Points = np.ndarray[Any, np.dtype[np.float64]]
DEFAULTS = {item.name: item.default for item in Registry().spec("projection").parameters}


def project(vectors: Any, **parameters: Any) -> Points:
    lists = pa.array(list(map(list, vectors)), pa.list_(pa.float32()))
    table = pa.table({"id": pa.array(range(len(lists)), pa.int32()), "embedding": lists})
    steps = Steps("points", lambda: 0.0, lambda _: None)
    job = Job("points", None, None, {"embeddings": table}, {**DEFAULTS, **parameters}, "cpu", steps)
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
        ContractError, match='is not the table classification/embeddings\n  write "told/embeddings"'
    ):
        told("label,prediction\na,b\n", settings)
