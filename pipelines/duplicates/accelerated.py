"""Every pair of embeddings compared on a GPU, by PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

BLOCK = 8192  # rows of a block: the products of two are 256 MB


def compared(
    vectors: NDArray[np.float32], keep: int, device: str, advance: Callable[[int], None]
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Return the closeness and places of the `keep` nearest of each row, and the least closeness kept.

    Closeness is minus half the squared distance, from products in float32. One block of products is on the
    device at a time.
    """
    with torch.inference_mode():
        given = torch.tensor(vectors, device=device)
        centred = given - given.mean(dim=0)
        halves = centred.square().sum(dim=1) / 2
        closeness, places = [], []
        for start in range(0, len(centred), BLOCK):
            near, at = _nearest(centred, halves, start, keep)
            closeness.append(near.cpu().numpy())
            places.append(at.cpu().numpy())
            advance(min(start + BLOCK, len(centred)))
    found = np.concatenate(closeness)
    return found, np.concatenate(places), found.min(axis=1)


def _nearest(
    centred: torch.Tensor, halves: torch.Tensor, start: int, keep: int
) -> tuple[torch.Tensor, torch.Tensor]:
    rows, length = centred[start : start + BLOCK], halves[start : start + BLOCK]
    best = torch.empty((len(rows), 0), device=centred.device)
    at = torch.empty((len(rows), 0), dtype=torch.int64, device=centred.device)
    for begin in range(0, len(centred), BLOCK):
        others = centred[begin : begin + BLOCK]
        closeness = rows @ others.T - length[:, None] - halves[begin : begin + BLOCK]
        if begin == start:
            closeness.fill_diagonal_(-torch.inf)
        top = closeness.topk(min(keep, len(others)), dim=1)
        best, at = torch.cat([best, top.values], dim=1), torch.cat([at, top.indices + begin], dim=1)
        chosen = best.topk(min(keep, best.shape[1]), dim=1)
        best, at = chosen.values, at.gather(1, chosen.indices)
    return best, at
