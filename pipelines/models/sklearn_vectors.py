"""Looks at the support vectors of a scikit-learn file before they are asked.

libsvm walks the vectors and their coefficients by counts that stand beside them, in compiled code that
compares none with another. So machines of a file that nobody vouches for are asked only where all fit.
Those of sparse vectors are in no such file: skops does not list their matrices as safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.errors import ContractError
from pipelines.models.files import TRUST
from pipelines.models.network import Array
from pipelines.models.sklearn_trees import parts

_KERNELS = frozenset({"linear", "poly", "rbf", "sigmoid", "precomputed"})


def check_vectors(where: str, fitted: Any) -> None:
    """Raise `ContractError` where a support vector machine would read beyond its vectors."""
    from sklearn.svm._base import BaseLibSVM

    for item in parts(fitted):
        if isinstance(item, BaseLibSVM) and any(_problems(item)):
            what = f"holds a {type(item).__name__} that leads out of its support vectors"
            raise ContractError(where, what, f"save the model again; {TRUST}")


def _problems(item: Any) -> Iterator[bool]:
    """Yield whether each thing is wrong; nobody asks on after a fault, on which the next may depend."""
    held = vars(item)
    if "support_" not in held:  # not fitted
        return
    # An attribute of the class's own would be taken in its place: which machine it is, and each method.
    yield "_impl" in held or any(callable(getattr(type(item), name, None)) for name in held)
    kernel = held.get("kernel")
    yield not isinstance(kernel, str) or kernel not in _KERNELS
    places = _array(held, "support_", "i4", 1)
    count = 0 if places is None else len(places)
    yield count == 0
    yield from _problems_of_vectors(held, count)
    yield from _problems_of_classes(held, count, getattr(item, "_impl", "") in ("c_svc", "nu_svc"))


def _problems_of_vectors(held: dict[str, Any], count: int) -> Iterator[bool]:
    width = held.get("n_features_in_")
    yield not isinstance(width, int) or held.get("_sparse", False) is not False
    if held["kernel"] == "precomputed":  # places in a row of the kernel, which has as many as were fitted
        places = held["support_"]
        fitted: Any = held.get("shape_fit_")
        is_pair = isinstance(fitted, tuple) and len(fitted) == 2
        yield not is_pair or not isinstance(fitted[0], int) or fitted[0] != width
        yield _shape(held, "support_vectors_", 2) != (0, 0)
        yield bool(((places < 0) | (places >= width)).any())
    else:
        yield _shape(held, "support_vectors_", 2) != (count, width)


def _problems_of_classes(held: dict[str, Any], count: int, is_classifier: bool) -> Iterator[bool]:
    """Look at the numbers of each class and pair of classes; a regression is one pair."""
    of_class = _array(held, "_n_support", "i4", 1)
    yield of_class is None or bool((of_class < 0).any())
    counts = np.asarray(of_class).tolist()
    classes = len(counts)
    if is_classifier:
        named = held.get("classes_")
        yield not isinstance(named, np.ndarray) or named.shape != (classes,)
        yield classes < 2 or sum(counts) != count
    else:
        yield classes != 2 or counts[0] != count
    pairs = classes * (classes - 1) // 2
    yield _shape(held, "_intercept_", 1) != (pairs,)
    yield _shape(held, "_dual_coef_", 2) != (classes - 1, count)
    levels = {_shape(held, name, 1) for name in ("_probA", "_probB")}
    yield levels not in ({(0,)}, {(pairs,)})


def _array(held: dict[str, Any], name: str, kind: str, dimensions: int) -> Array | None:
    """Return what is held as an array of this kind; None where it is none."""
    value = held.get(name)
    is_one = isinstance(value, np.ndarray) and value.dtype == np.dtype(kind) and value.ndim == dimensions
    return value if is_one else None


def _shape(held: dict[str, Any], name: str, dimensions: int) -> tuple[int, ...] | None:
    """Return the shape of what is held as an array of numbers; None where it is none."""
    found = _array(held, name, "f8", dimensions)
    return None if found is None else found.shape
