"""Dividing samples into parts to learn from and to test with."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Codes = NDArray[np.int64]


def stratified_split(codes: Codes, seed: int, share: float = 0.25) -> pa.Array:
    """Return "train" or "test" for each sample, so that `share` of every class, rounded, is in "test"."""
    random = np.random.Generator(np.random.PCG64(seed))
    is_test = np.zeros(len(codes), bool)
    for code in np.unique(codes):
        members = np.flatnonzero(codes == code)
        is_test[random.permutation(members)[: round(len(members) * share)]] = True
    return pa.array(np.where(is_test, "test", "train")).dictionary_encode()
