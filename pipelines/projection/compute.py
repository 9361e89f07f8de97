"""Computes `projection`: principal components first where there are many dimensions, then a seeded UMAP."""

from __future__ import annotations

import io
import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.arrow import type_name
from pipelines.contract import Column, Rows
from pipelines.embeddings import matrix
from pipelines.errors import ContractError, nearest
from pipelines.projection.spec import POINTS
from pipelines.tool import Job, Output

PCA_DIMENSIONS = 50  # above it, distances are dominated by noise and the neighbour search is slow
EXACT = (4096, 30_000)  # samples whose neighbours are found exactly: sooner than UMAP's search is compiled
EXACT_METRICS = ("euclidean", "cosine")  # matrix products; other distances take longer than that search
NUMBER_LISTS = ("list<float32>", "list<float64>", "list<int8>", "list<int16>", "list<int32>")
FEWEST = 8  # below it there are no neighbourhoods to keep, and principal components say all

Points = NDArray[np.float64]


def compute(job: Job) -> Output:
    """Return the table `points`, one row per embedding."""
    rows, described, where = _given(job)
    key = next((column.name for column in described if column.role == "id"), "")
    if not key:
        raise ContractError(where, "has no column with the role id", "name a table of one row per sample")
    # A layout depends on the order of its points; tables of artifacts are in that of their ids.
    table = rows.sort_by(key)
    vectors = _vectors(where, table[_embedding(job, described, where)])
    with job.steps.step("pca", len(vectors)):
        reduced = (
            principal_components(vectors, PCA_DIMENSIONS) if vectors.shape[1] > PCA_DIMENSIONS else vectors
        )
    libraries: tuple[str, ...] = ("numpy", "pyarrow")
    with job.steps.step("layout", _epochs(len(vectors))) as advance:
        if len(reduced) < FEWEST:
            points = _two(principal_components(reduced, 2))
        else:
            points, libraries = layout(reduced, job.parameters, advance), (*libraries, "umap-learn", "numba")
    columns = {"projection_x": points[:, 0], "projection_y": points[:, 1]}
    arrays = {name: pa.array(values.astype(np.float32)) for name, values in columns.items()}
    kind = type_name(table[key].type)
    named = Column(key, kind, "id", None, "the sample's own name, the same in every table of the dataset")
    made = Rows(POINTS, pa.table({key: table[key], **arrays}), (named,))
    classes, skipped = (job.dataset.classes, job.dataset.skipped) if job.dataset else ((), 0)
    return Output((made,), classes=classes, libraries=libraries, skipped=skipped)


def _given(job: Job) -> tuple[pa.Table, Sequence[Column], str]:
    """Return the rows that hold the embeddings, their columns, and what messages call them."""
    if job.dataset is not None:
        return job.dataset.rows, job.dataset.columns, f"datasets.{job.dataset.name}"
    return job.tables["embeddings"], job.columns["embeddings"], f"tools.{job.name}.inputs.embeddings"


def _embedding(job: Job, columns: Sequence[Column], where: str) -> str:
    """Return the name of the column of embeddings; refuse one that is not there, and a choice of several."""
    told = str(job.parameters["column"])
    lists = [column.name for column in columns if column.type in NUMBER_LISTS]
    if told:
        if told not in lists:
            names = [column.name for column in columns]
            place, said = (
                "parameters.column",
                "holds no lists of numbers" if told in names else "is not there",
            )
            raise ContractError(place, f'column "{told}" {said}', nearest(told, lists))
        return told
    meant = [column.name for column in columns if column.role == "embedding"]
    if len(meant) == 1 and meant[0] in lists:
        return meant[0]
    found = f"{len(meant)} columns" if meant else "no column"
    hint = f'name one in parameters: column = "…"; lists of numbers: {", ".join(lists) or "none"}'
    raise ContractError(where, f"has {found} with the role embedding", hint)


def _vectors(name: str, column: pa.ChunkedArray) -> Points:
    """Return the embeddings as float64 of shape (samples, dimensions); refuse what has no distances."""
    vectors = np.asarray(matrix(name, column), np.float64)
    wrong = int((~np.isfinite(vectors)).any(axis=1).sum())
    if wrong:
        what = f"{wrong} of {len(vectors)} embeddings hold NaN or infinity"
        raise ContractError(name, what, "they have no distance to the others: leave these samples out")
    return vectors


def principal_components(vectors: Points, dimensions: int) -> Points:
    """Project centred `vectors` on their directions of largest variance, at most `dimensions` of them.

    A direction's sign is arbitrary: the largest of its entries is made positive, so that equal input gives
    equal output.
    """
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    kept = directions[:dimensions]
    largest = np.take_along_axis(kept, np.abs(kept).argmax(axis=1)[:, None], axis=1)
    return np.asarray(centred @ (kept * np.where(largest < 0, -1, 1)).T)


def _epochs(samples: int) -> int:
    """Return how often UMAP moves every point: the numbers that it takes itself where none is given."""
    return 500 if samples <= 10_000 else 200


class _Epochs(io.StringIO):
    """Where UMAP writes how many epochs are done, as the only way it has to say so."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        super().__init__()
        self.advance = advance

    def write(self, text: str) -> int:
        """Tell the number in the text, if it has one; nothing is kept."""
        if told := re.search(r"\d+", text):
            self.advance(int(told.group()))
        return len(text)


def layout(
    vectors: Points, parameters: Mapping[str, Any], advance: Callable[[int], None] = lambda _: None
) -> Points:
    """Return UMAP's layout, shape (samples, 2), started from the first two principal components.

    `advance` is told how many epochs are done. A fixed start and one thread make it depend on the seed alone,
    on one kind of CPU.
    """
    count = min(parameters["neighbors"], len(vectors) - 1)
    given = vectors.astype(np.float32)
    is_exact = EXACT[0] <= len(vectors) <= EXACT[1] and parameters["metric"] in EXACT_METRICS
    known = (*neighbours(given, count, parameters["metric"]), None) if is_exact else (None, None, None)
    fitted = _umap()(
        n_neighbors=count,
        min_dist=parameters["min_dist"],
        metric=parameters["metric"],
        init=_start(vectors, parameters["seed"]),
        random_state=parameters["seed"],
        n_jobs=1,
        n_epochs=_epochs(len(vectors)),
        precomputed_knn=known,
        tqdm_kwds={"disable": False, "file": _Epochs(advance), "bar_format": "{n}"},
    )
    with warnings.catch_warnings():
        # No further points are placed, for which it would want a search index of its own.
        warnings.filterwarnings("ignore", r"precomputed_knn\[2\]", UserWarning)
        fitted.fit(given)
    return np.asarray(fitted.embedding_, np.float64)


def _umap() -> Any:
    """Return UMAP's class, imported without TensorFlow: only its neural variant, not used here, needs that.

    Where TensorFlow is installed, importing it takes seconds and writes notes to the terminal.
    """
    hidden = "tensorflow" not in sys.modules
    if hidden:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
            from umap import UMAP
    finally:
        if hidden:
            del sys.modules["tensorflow"]
    return UMAP


def neighbours(
    vectors: NDArray[np.float32], count: int, metric: str
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return indices and distances of the `count` nearest of each vector, itself first, each of shape
    (samples, count). Every distance is looked at.
    """
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=count, algorithm="brute", metric=metric).fit(vectors)
    distances, indices = search.kneighbors(vectors)
    return np.asarray(indices, np.int64), np.asarray(distances, np.float32)


def _start(vectors: Points, seed: int) -> NDArray[np.float32]:
    """Return the first two principal components, float32; one without spread is drawn at random instead.

    umap divides by each axis's spread: without this, embeddings on a line would all come back as NaN.
    """
    start = _two(principal_components(vectors, 2))
    drawn = np.random.Generator(np.random.PCG64(seed)).uniform(size=start.shape)
    is_flat = np.ptp(start, axis=0) <= np.finfo(np.float32).eps * max(1.0, float(np.abs(vectors).max()))
    return np.where(is_flat, drawn, start).astype(np.float32)


def _two(points: Points) -> Points:
    """Return the first two columns, with zeros where there is only one."""
    return np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1]))))[:, :2]
