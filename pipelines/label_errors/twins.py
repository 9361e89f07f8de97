"""Near twins: neighbours by their embeddings whose images are alike in structure, for where they lie.

Neighbours of some data are more alike than twins of other data. So a pair counts by how unlike its images are
in units of what is usual among the neighbours of the two.

Structural similarity is that of Z. Wang, A. C. Bovik, H. R. Sheikh and E. P. Simoncelli, *Image Quality
Assessment: From Error Visibility to Structural Similarity*, IEEE Transactions on Image Processing 13, 2004:
Gaussian windows of 1.5 pixels, of the images' luminance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pipelines.label_errors.blocks import Codes, Floats

SIGMA = 1.5  # pixels
RADIUS = 5
STEADY = ((0.01 * 255) ** 2, (0.03 * 255) ** 2)
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
NUMBERS = 1 << 21  # pixels of a block
SIDE = 32  # pixels: larger images are made smaller, so that a pair takes no longer
LOOSER = 2.0  # times as unlike may be those whose embeddings are close, too
CLOSE = 0.4  # of the usual distance


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the luminance of images of shape (images, height, width, channels), 0 to 255.

    Those larger than `SIDE` are averaged over squares.
    """
    values = pixels.astype(np.float32)
    light = values[..., 0] if values.shape[-1] == 1 else np.asarray(values @ LUMINANCE)
    count, height, width = light.shape
    step = max(1, -(-min(height, width) // SIDE))
    kept = light[:, : height // step * step, : width // step * step]
    return np.asarray(kept.reshape(count, height // step, step, width // step, step).mean(axis=(2, 4)))


def similarities(
    images: NDArray[np.float32], first: Codes, second: Codes, advance: Callable[[int], None] = lambda _: None
) -> Floats:
    """Return the structural similarity of pairs of images, given by their places, from -1 to 1."""
    found = np.empty(len(first))
    size = max(1, NUMBERS // max(1, images[0].size if len(images) else 1))
    for start in range(0, len(first), size):
        part = slice(start, start + size)
        found[part] = structural(images[first[part]], images[second[part]])
        advance(min(start + size, len(first)))
    return found


def structural(one: NDArray[Any], other: NDArray[Any]) -> Floats:
    """Return the structural similarity of each image with the one at the same place of another stack."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    mean_one, mean_other = _smooth(one), _smooth(other)
    variances = _smooth(one**2) - mean_one**2 + _smooth(other**2) - mean_other**2
    covariance = _smooth(one * other) - mean_one * mean_other
    light = (2 * mean_one * mean_other + STEADY[0]) / (mean_one**2 + mean_other**2 + STEADY[0])
    shape = (2 * covariance + STEADY[1]) / (variances + STEADY[1])
    return np.asarray(_inside(light * shape).mean(axis=(1, 2)))


def _smooth(images: Floats) -> Floats:
    return np.asarray(gaussian_filter(images, (0, SIGMA, SIGMA), truncate=RADIUS / SIGMA), np.float64)


def _inside(values: Floats) -> Floats:
    """Return what windows that do not leave the image say; all of it where there are none."""
    height, width = values.shape[1:]
    margins = [RADIUS if side > 2 * RADIUS else 0 for side in (height, width)]
    return values[:, margins[0] : height - margins[0], margins[1] : width - margins[1]]


def alike(
    similarity: Floats, relative: NDArray[np.float32], pairs: tuple[Codes, Codes], most: float
) -> NDArray[np.bool_]:
    """Return which pairs of neighbours are twins: at most `most` as unlike as is usual around them.

    `relative` is the distance of their embeddings in units of what is usual.
    """
    unlike = 1 - similarity
    usual = np.minimum(*_medians(unlike, *pairs))
    ratio = np.divide(unlike, usual, out=np.where(unlike <= 0, 0.0, np.inf), where=usual > 0)
    return np.asarray((ratio <= most) | ((ratio <= most * LOOSER) & (relative <= CLOSE)))


def _medians(values: Floats, first: Codes, second: Codes) -> tuple[Floats, Floats]:
    """Return for both ends of each pair the median value of all pairs that the end is in."""
    ends, doubled = np.concatenate([first, second]), np.concatenate([values, values])
    order = np.lexsort((doubled, ends))
    starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
    counts = np.diff(starts, append=len(ends))
    middles = [doubled[order][starts + (counts - down) // 2] for down in (1, 0)]
    medians = (middles[0] + middles[1]) / 2
    place = np.searchsorted(ends[order][starts], ends)
    return medians[place[: len(first)]], medians[place[len(first) :]]
