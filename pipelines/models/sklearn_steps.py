"""Looks at what the steps of a scikit-learn file hand on while it is asked.

Compiled code follows the places of a sparse matrix, and a histogram boosting the columns that it has encoded,
without a look. So where nobody vouches for a file, each of its steps hands on through `guard`, wherever it
stands: in a pipeline, in one within another, in a union, in a stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from pipelines.errors import ContractError
from pipelines.models.files import TRUST
from pipelines.models.sklearn_trees import parts


def guard(where: str, fitted: Any) -> None:
    """Have each step of an estimator checked whenever it hands on; its methods have to be its class's own."""
    from sklearn.base import BaseEstimator
    from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting

    steps = [item for item in parts(fitted) if isinstance(item, BaseEstimator)]
    widths: dict[int, set[int]] = {}
    for item in steps:
        if isinstance(item, BaseHistGradientBoosting) and getattr(item, "_preprocessor", None) is not None:
            widths.setdefault(id(item._preprocessor), set()).add(item.n_features_in_)
    for item in steps:
        if hasattr(item, "transform"):
            item.transform = _Handing(where, item, frozenset(widths.get(id(item), ())))


@dataclass(frozen=True)
class _Handing:
    """The `transform` of a step, which looks at what it returns."""

    where: str
    step: Any
    widths: frozenset[int]
    """How many columns each histogram boosting reads that it encodes for; empty for other steps."""

    def __call__(self, *given: Any, **named: Any) -> Any:
        values = type(self.step).transform(self.step, *given, **named)
        if sparse.issparse(values) and (problem := _misplaced(values)):
            what = f"has a step whose matrix is not whole: {problem}"
            raise ContractError(self.where, what, f"save the model again; {TRUST}")
        made = np.shape(values)
        if self.widths and {made[1:]} != {(width,) for width in self.widths}:
            wanted = " and ".join(map(str, sorted(self.widths)))
            what = f"encodes an array of shape {made} where its trees read {wanted} columns"
            raise ContractError(self.where, what, f"save the model again; {TRUST}")
        return values


def _misplaced(matrix: Any) -> str:
    """Return what is wrong with the places of a sparse matrix; "" where all are within it."""
    if not hasattr(matrix, "check_format"):  # its constructor has looked at each place
        return ""
    try:
        matrix.check_format(full_check=True)
    except ValueError as error:
        return str(error)
    return ""
