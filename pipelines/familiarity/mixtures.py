"""Gaussian mixtures of embeddings, as scikit-learn fits them, and the distance between parts by them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Points = NDArray[np.float64]
Vectors = NDArray[np.float32]

TOLERANCE = 1e-3
ITERATIONS = 200
FOLDS = 5
NORMAL = 1.959963984540054  # half the width of a 95 % interval, in standard errors


@dataclass(frozen=True)
class Gap:
    """The mean log-likelihood of two parts under mixtures of the first, and an interval of the difference."""

    fitted: float
    scored: float
    low: float
    high: float

    @property
    def gap(self) -> float:
        """The second less the first: 0 when they are alike."""
        return self.scored - self.fitted


def reduction(vectors: Vectors, dimensions: int) -> Callable[[Vectors], Points]:
    """Return what makes points of vectors: longer ones become the first principal components of the given."""
    if vectors.shape[1] <= dimensions:
        return lambda given: given.astype(np.float64)
    from sklearn.decomposition import PCA

    components = PCA(min(dimensions, len(vectors)), svd_solver="covariance_eigh")
    with _repeatable():
        components.fit(vectors.astype(np.float64))

    def reduce(given: Vectors) -> Points:
        with _repeatable():
            return np.asarray(components.transform(given.astype(np.float64)), np.float64)

    return reduce


def mixture(points: Points, components: int, seed: int) -> Any:
    """Return scikit-learn's mixture of diagonal Gaussians, fitted; equal input gives equal numbers.

    There are at most as many components as distinct points. A fit that does not come to rest says so in its
    `converged_`. A single point far from all others may get a component of its own, and then looks familiar.
    """
    from sklearn.mixture import GaussianMixture

    distinct = len(np.unique(points, axis=0)) if len(points) <= 50 * components else components
    with _repeatable():
        return GaussianMixture(
            min(components, distinct),
            covariance_type="diag",
            tol=TOLERANCE,
            max_iter=ITERATIONS,
            random_state=seed,
        ).fit(points)


@contextmanager
def _repeatable() -> Iterator[None]:
    """Compute on one thread: sums of several come in an order that differs from run to run."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is told in the table of mixtures
        yield


def score(fitted: Any, points: Points) -> Points:
    """Return each point's log-likelihood under a mixture, in nats: higher is more familiar."""
    with _repeatable():
        return np.asarray(fitted.score_samples(points), np.float64)


def gap(fitted: Points, scored: Points, components: int, seed: int) -> Gap:
    """Return how much less familiar `scored` is than `fitted` to mixtures of the latter, in nats.

    A mixture likes the points that it was fitted to. So `fitted` is cut into `FOLDS` parts, each is scored by
    a mixture of the others, and `scored` by the mean of the same mixtures: no judge knows whom it judges. The
    interval is Welch's, of two independent means at 95 %; it holds the mixtures fixed.
    """
    folds = np.arange(len(fitted)) % FOLDS
    np.random.Generator(np.random.PCG64(seed)).shuffle(folds)
    own, other = np.empty(len(fitted)), np.zeros(len(scored))
    for fold in range(FOLDS):
        judge = mixture(fitted[folds != fold], components, seed)
        own[folds == fold] = score(judge, fitted[folds == fold])
        other += score(judge, scored) / FOLDS
    error = math.sqrt(own.var(ddof=1) / len(own) + other.var(ddof=1) / len(other))
    difference = float(other.mean() - own.mean())
    half = NORMAL * error
    return Gap(float(own.mean()), float(other.mean()), difference - half, difference + half)
