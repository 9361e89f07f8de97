"""scikit-learn classifiers and pipelines: skops files, and pickles where a run trusts them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from pipelines.errors import ContractError, installed
from pipelines.models.files import TRUST, readable
from pipelines.models.model import Model
from pipelines.models.network import Answered, Array, Batch, Traits, matrix
from pipelines.models.sklearn_matrices import check_matrices
from pipelines.models.sklearn_steps import guard
from pipelines.models.sklearn_trees import TREES, check_trees
from pipelines.models.sklearn_vectors import check_vectors

WIDEST = 4096  # columns of an embedding that is made dense
_ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "identity": lambda values: values,
    "logistic": lambda values: np.asarray(special.expit(values)),
    "relu": lambda values: np.maximum(values, 0),
    "tanh": np.tanh,
}
"""What scikit-learn calls the functions between the layers of a perceptron."""

_HOLDERS = frozenset(
    f"sklearn.{module}.{name}"
    for module, names in {
        "calibration": ("_CalibratedClassifier", "_SigmoidCalibration"),
        "gaussian_process._gpc": ("_BinaryGaussianProcessClassifierLaplace",),
        "gaussian_process.kernels": ("ConstantKernel", "Matern", "Product", "RBF", "Sum", "WhiteKernel"),
        "metrics._scorer": ("_PassthroughScorer",),
        "model_selection._split": ("KFold", "StratifiedKFold"),
        "neural_network._stochastic_optimizers": ("AdamOptimizer", "SGDOptimizer"),
        "utils._bunch": ("Bunch",),
    }.items()
    for name in names
) | {"numpy.dtype"}
"""Classes that skops does not list as safe, and that only hold values: in plain Python, with nothing that
runs when they are made, so that what a file says of them is data. NumPy's is read from an empty array."""


def devices() -> tuple[str, ...]:
    """Return the one device that scikit-learn computes on."""
    return ("cpu",)


def open_model(model: Model, path: Path, device: str) -> Estimator:
    """Read an estimator; raise `ContractError` for types that are not trusted, and for no classifier."""
    del device
    is_skops = path.suffix.lower() == ".skops"
    loaded, has_trees = _skops(model, path) if is_skops else (_pickle(path), False)
    loaded = getattr(loaded, "best_estimator_", loaded)  # what a search answers with, and with names of steps
    if not hasattr(loaded, "predict") or not hasattr(loaded, "classes_"):
        what = f"holds {type(loaded).__name__}, which is no fitted classifier"
        raise ContractError(str(path), what, "save a classifier, or a pipeline that ends with one")
    if not isinstance(loaded.classes_, np.ndarray):
        raise ContractError(str(path), "gives several labels for a sample", "one label is read")
    if is_skops and not model.is_trusted:
        with readable(path, "a skops file"):
            check_matrices(str(path), loaded)
            check_vectors(str(path), loaded)
            if has_trees:
                check_trees(str(path), loaded)
            guard(str(path), loaded)
    return Estimator(str(path), loaded, ("scikit-learn", "skops" if is_skops else "joblib"))


def _skops(model: Model, path: Path) -> tuple[Any, bool]:
    """Return what a file holds, and whether there are trees in it."""
    with installed(model.where, "sklearn"):
        import skops.io
    with readable(path, "a skops file"):
        unlisted = skops.io.get_untrusted_types(file=path)
    unknown = [name for name in unlisted if name not in _HOLDERS | TREES]
    if unknown and not model.is_trusted:
        listed = ", ".join(unknown[:8]) + (", …" if len(unknown) > 8 else "")
        what = f"holds {len(unknown)} types that are not known to be safe: {listed}"
        raise ContractError(str(path), what, TRUST)
    with readable(path, "a skops file"):
        return skops.io.load(path, trusted=unlisted), not TREES.isdisjoint(unlisted)


def _pickle(path: Path) -> Any:
    with installed(str(path), "sklearn"):
        import joblib
    with readable(path, "a pickle"):
        return joblib.load(path)


@dataclass(frozen=True)
class Estimator:
    """A fitted classifier, or a pipeline that ends with one."""

    where: str
    fitted: Any
    libraries: tuple[str, ...]

    @cached_property
    def traits(self) -> Traits:
        """What it says of itself: its classes, its columns, whether it reads text."""
        first = self._steps[0][1] if self._steps else self.fitted
        names = tuple(map(str, getattr(self.fitted, "feature_names_in_", ())))
        width = getattr(self.fitted, "n_features_in_", None)
        takes = "text" if hasattr(first, "build_analyzer") else "columns" if names else ""
        ending = "softmax" if hasattr(self.fitted, "predict_proba") else "classes"
        return Traits(
            self.libraries,
            shape=(None, width) if takes != "text" and width else None,
            dtype="float64",
            names=names,
            takes=takes,
            ending=ending,
            classes=tuple(map(str, self.fitted.classes_)),
        )

    @property
    def _steps(self) -> list[tuple[str, Any]]:
        return list(getattr(self.fitted, "steps", ()))

    def layers(self) -> Sequence[str]:
        """Return the names of a pipeline's steps that transform, and the hidden layers of a perceptron."""
        return [*self._transforming, *self._perceptron_layers]

    def leaves(self) -> Sequence[str]:
        """Return the hidden layers of a perceptron, else the steps that transform."""
        return list(self._perceptron_layers) or self._transforming

    @property
    def _transforming(self) -> list[str]:
        return [name for name, step in self._steps if hasattr(step, "transform")]

    @property
    def _perceptron_layers(self) -> dict[str, int]:
        """The hidden layers of scikit-learn's multi-layer perceptron by name, each with its number from 1."""
        name, last = self._steps[-1] if self._steps else ("", self.fitted)
        hidden = len(getattr(last, "coefs_", ())) - 1 if hasattr(last, "hidden_layer_sizes") else 0
        root = f"{name}/" if name else ""
        return {f"{root}hidden_{number}": number for number in range(1, hidden + 1)}

    def axis(self, layer: str) -> str:
        """Return nothing: a step gives one number for each of its columns, and has no places."""
        del layer
        return ""

    def answer(self, batch: Batch, layers: Sequence[str]) -> Answered:
        """Return probabilities, or indices into the classes, and what steps and hidden layers give."""
        given = self._given(batch)
        inner = [self._inner(given, layer) for layer in layers]
        last = self._steps[-1][1] if self._steps else self.fitted
        led = self._through(given, len(self._steps) - 1)
        if self.traits.ending == "softmax":
            return np.asarray(last.predict_proba(led)), inner
        places = {value: place for place, value in enumerate(self.fitted.classes_.tolist())}
        return np.array([places[value] for value in last.predict(led).tolist()]), inner

    def _through(self, given: Any, steps: int) -> Any:
        """Return what the first steps make of the input, each of which may be left out."""
        for _, step in self._steps[: max(0, steps)]:
            if step is not None and step != "passthrough":
                given = step.transform(given)
        return given

    def _inner(self, given: Any, layer: str) -> Array:
        hidden = self._perceptron_layers.get(layer)
        return self._transformed(given, layer) if hidden is None else self._hidden(given, hidden)

    def _hidden(self, given: Any, number: int) -> Array:
        """Return what the hidden layer of a number gives; scikit-learn has no way to ask for it."""
        last = self._steps[-1][1] if self._steps else self.fitted
        values = self._through(given, len(self._steps) - 1)
        for weights, bias in zip(last.coefs_[:number], last.intercepts_[:number], strict=True):
            values = _ACTIVATIONS[last.activation](np.asarray(values @ weights + bias))
        return np.asarray(values, np.float32)

    def _given(self, batch: Batch) -> Any:
        if not isinstance(batch, Mapping) or not self.traits.names:
            return matrix(batch, "float64", self.where)
        with installed(self.where, "sklearn"):
            import pandas as pd
        # Fitted on named columns, it asks for them by name, whatever the dataset calls them.
        return pd.DataFrame(dict(zip(self.traits.names, batch.values(), strict=True)))

    def _transformed(self, given: Any, layer: str) -> Array:
        place = [name for name, _ in self._steps].index(layer)
        made = self._through(given, place + 1)
        if made.shape[1] > WIDEST:
            what = f'step "{layer}" gives {made.shape[1]:,} columns, an embedding has at most {WIDEST:,}'
            raise ContractError(self.where, what, "name a step that reduces them")
        return np.asarray(made.toarray() if hasattr(made, "toarray") else made, np.float32)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large; Python's own error says so already."""
        return isinstance(error, MemoryError)
