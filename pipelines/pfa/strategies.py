"""How many units of a layer would do: by divergence of its eigenvalues, by energy, or by size of all layers.

After Suau, Zappella and Apostoloff, Filter Distillation for Network Compression (2020), and as DNIKit has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.pfa.moments import Floats

NEARLY = 1e-9  # of a unit: what rounding adds to a whole number


@dataclass(frozen=True)
class Spectrum:
    """The eigenvalues of a layer's covariance, the largest first; those that only rounding made are zero."""

    eigenvalues: Floats

    @property
    def units(self) -> int:
        """How many units the layer has."""
        return len(self.eigenvalues)

    @property
    def rank(self) -> int:
        """How many eigenvalues are not zero."""
        return int((self.eigenvalues > 0).sum())

    @property
    def shares(self) -> Floats:
        """Each eigenvalue as a share of their sum; NaN where all are zero."""
        total = self.eigenvalues.sum()
        return self.eigenvalues / total if total > 0 else np.full(self.units, np.nan)

    @property
    def energy(self) -> Floats:
        """The share of the variance in each component and those before it, exactly 1 from the rank on."""
        summed = np.minimum(np.cumsum(self.shares), 1)
        summed[max(self.rank - 1, 0) :] = 1 if self.rank else np.nan
        return summed

    @property
    def before(self) -> Floats:
        """The share of the variance in the components before each one."""
        return np.concatenate([[0.0 if self.rank else np.nan], self.energy[:-1]])


def spectrum(covariance: Floats) -> Spectrum:
    """Return the eigenvalues of a covariance."""
    found = np.linalg.eigvalsh(covariance)[::-1]
    limit = len(found) * np.finfo(float).eps * max(float(found[0]), 0.0)
    return Spectrum(np.where(found > limit, found, 0.0))


def divergence(of: Spectrum) -> float | None:
    """Return the Kullback-Leibler divergence of the eigenvalues from equal ones, in nats.

    It is 0 where all units vary alike and independently, log(units) where one component holds everything,
    and None where nothing varies.
    """
    if not of.rank:
        return None
    shares = of.shares[of.shares > 0]
    return float(np.clip(math.log(of.units) + (shares * np.log(shares)).sum(), 0, math.log(of.units)))


def ratio(of: Spectrum) -> float | None:
    """Return the share of units that the divergence keeps: 1 - kl / log(units)."""
    kl = divergence(of)
    if kl is None:
        return None
    # The logarithm of one unit is 0, and it cannot do without itself.
    return 1.0 if of.units == 1 else 1 - kl / math.log(of.units)


def by_divergence(of: Spectrum) -> int | None:
    """Return how many units the strategy kl keeps: at least one, None where nothing varies."""
    share = ratio(of)
    return None if share is None else max(1, math.ceil(of.units * share - NEARLY))


def by_energy(of: Spectrum, energy: float) -> int | None:
    """Return the least number of principal components that hold a share of the variance; at least one.

    All of the variance is in as many components as the rank, whatever the last digits of a sum say.
    """
    return max(1, int((of.before < energy).sum())) if of.rank else None


def energy_of_size(layers: Sequence[Spectrum], size: float) -> float:
    """Return the one threshold of energy at which all layers together keep a share `size` of their units.

    A component is kept while those before it hold less than the threshold, so it lies where so many of all
    layers' components begin. Every layer keeps one, and none more than its rank: where ranks are low, less
    than `size` is kept.
    """
    begins = np.sort(np.concatenate([np.nan_to_num(of.before, nan=1.0) for of in layers]))
    kept = len(begins) if size >= 1 else math.ceil(size * (len(begins) - 1) - NEARLY)
    return 1.0 if kept >= len(begins) else float(begins[kept])
