"""Floating-point operations by shape, two for each multiplication with addition, as PyTorch counts them.

Only products are counted: convolutions, matrices, attention and recurrent cells. What works element by
element (activations, normalization, additions) counts nothing, as in PyTorch's `FlopCounterMode`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

Sizes = Sequence[int | None]


def product(sizes: Iterable[int | None]) -> int | None:
    """Return the product of sizes, None where one is not known."""
    found = list(sizes)
    return None if any(size is None for size in found) else math.prod(size or 0 for size in found)


def _times(*factors: int | None) -> int | None:
    return product(factors)


def applied(places: Sizes, weights: int) -> int | None:
    """Return those of weights that are each used once at each of so many places.

    `places` are sizes: of a dense or recurrent layer the steps and samples, of a convolution also the pixels
    of its output, and of a transposed one those of its input.
    """
    return _times(2, product(places), weights)


def matrix_product(given: Sizes, made: Sizes) -> int | None:
    """Return those of a product of matrices, of the sizes of its first factor and its result."""
    return _times(2, product(made), given[-1] if given else 1)


def attention(query: Sizes, key: Sizes, value: Sizes) -> int | None:
    """Return those of scaled dot-product attention over sizes (…, steps, features)."""
    scores = _times(2, product(query), key[-2])
    mixed = _times(2, product(query[:-1]), key[-2], value[-1])
    return None if scores is None or mixed is None else scores + mixed


def einsum(equation: str, operands: Sequence[Sizes]) -> int | None:
    """Return those of Einstein's sum over two arrays; one alone is moved and added, which counts nothing."""
    if len(operands) != 2:
        return 0 if len(operands) < 2 else None
    given = re.sub(r"\s", "", equation).partition("->")[0].split(",")
    if len(given) != 2:
        return None
    sizes: dict[str, int | None] = {}
    for letters, operand in zip(given, operands, strict=True):
        named = letters.replace("...", "")
        spread = len(operand) - len(named)
        start = letters.find("...")
        labels = (
            [*named] if start < 0 else [*named[:start], *(f".{n}" for n in range(spread)), *named[start:]]
        )
        if len(labels) != len(operand):
            return None
        sizes |= dict(zip(labels, operand, strict=True))
    return _times(2, product(sizes.values()))
