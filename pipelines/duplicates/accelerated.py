"""Every pair of embeddings compared on a GPU, by PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

BLOCK = 8192  # rows compared at once
COLUMNS = 16_384  # with so many others: their products are 512 MB
DIRECT = 2048  # rows whose differences from their candidates are taken at once


@dataclass(frozen=True)
class Compared:
    """Of each row the candidates that are nearest by products, and the nearest by the vectors themselves.

    `closeness` is minus half the squared distance, from products in float32. It and `candidates` have shape
    (rows, keep); `places` and `distances` have (rows, k), nearest first; `lengths`, those of the vectors
    without their mean, have (rows,).
    """

    closeness: NDArray[np.float32]
    candidates: NDArray[np.int64]
    places: NDArray[np.int64]
    distances: NDArray[np.float32]
    lengths: NDArray[np.float32]


def compared(
    vectors: NDArray[np.float32], keep: int, k: int, device: str, advance: Callable[[int], None]
) -> Compared:
    """Compare every pair on a device; beyond the vectors, one block of products is there at a time."""
    parts = []
    with torch.inference_mode():
        given = torch.tensor(vectors, device=device)
        centred = given - given.mean(dim=0)
        halves = centred.square().sum(dim=1) / 2
        for start in range(0, len(given), BLOCK):
            found = _candidates(centred, halves, start, keep)
            found += _direct(given, start, found[1], k)
            parts.append([part.cpu().numpy() for part in found])
            advance(min(start + BLOCK, len(given)))
        lengths = (2 * halves).sqrt().cpu().numpy()
    closeness, candidates, places, distances = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Compared(closeness, candidates, places, distances, lengths)


def _candidates(
    centred: torch.Tensor, halves: torch.Tensor, start: int, keep: int
) -> tuple[torch.Tensor, ...]:
    """Return closeness and places of the `keep` that are nearest by products to a block of rows."""
    rows = centred[start : start + BLOCK]
    best = torch.empty((len(rows), 0), device=centred.device)
    at = torch.empty((len(rows), 0), dtype=torch.int64, device=centred.device)
    own = torch.arange(len(rows), device=centred.device)
    for begin in range(0, len(centred), COLUMNS):
        others = centred[begin : begin + COLUMNS]
        # A row's own length is the same for all others: it is taken away from the few that are kept.
        closeness = torch.addmm(-halves[begin : begin + COLUMNS], rows, others.T)
        there = (own + start >= begin) & (own + start < begin + len(others))
        closeness[own[there], own[there] + start - begin] = -torch.inf
        top = closeness.topk(min(keep, len(others)), dim=1)
        best, at = torch.cat([best, top.values], dim=1), torch.cat([at, top.indices + begin], dim=1)
        chosen = best.topk(min(keep, best.shape[1]), dim=1)
        best, at = chosen.values, at.gather(1, chosen.indices)
    return best - halves[start : start + BLOCK, None], at


def _direct(given: torch.Tensor, start: int, candidates: torch.Tensor, k: int) -> tuple[torch.Tensor, ...]:
    """Return places and distances of the k nearest candidates; of those equally near, the earlier first."""
    places, distances = [], []
    for first in range(0, len(candidates), DIRECT):
        at = candidates[first : first + DIRECT].sort(dim=1).values
        rows = given[start + first : start + first + len(at)]
        far = torch.linalg.vector_norm(given[at] - rows[:, None], dim=2)
        nearest = far.sort(dim=1, stable=True)
        distances.append(nearest.values[:, :k])
        places.append(at.gather(1, nearest.indices[:, :k]))
    return torch.cat(places), torch.cat(distances)
