"""scikit-learn classifiers and pipelines: skops files, and pickles where a run trusts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import ContractError, installed
from pipelines.models.files import TRUST, readable
from pipelines.models.model import Model
from pipelines.models.network import Array, Batch, Traits, matrix

WIDEST = 4096  # columns of an embedding that is made dense


def devices() -> tuple[str, ...]:
    """Return the one device that scikit-learn computes on."""
    return ("cpu",)


def open_model(model: Model, path: Path, device: str) -> Estimator:
    """Read an estimator; raise `ContractError` for types that are not trusted, and for no classifier."""
    del device
    is_skops = path.suffix.lower() == ".skops"
    loaded = _skops(model, path) if is_skops else _pickle(path)
    if not hasattr(loaded, "predict") or not hasattr(loaded, "classes_"):
        what = f"holds {type(loaded).__name__}, which is no fitted classifier"
        raise ContractError(str(path), what, "save a classifier, or a pipeline that ends with one")
    if not isinstance(loaded.classes_, np.ndarray):
        raise ContractError(str(path), "gives several labels for a sample", "one label is read")
    return Estimator(str(path), loaded, ("scikit-learn", "skops" if is_skops else "joblib"))


def _skops(model: Model, path: Path) -> Any:
    with installed(model.where, "sklearn"):
        import skops.io
    with readable(path, "a skops file"):
        unknown = skops.io.get_untrusted_types(file=path)
    if unknown and not model.is_trusted:
        listed = ", ".join(unknown[:8]) + (", …" if len(unknown) > 8 else "")
        what = f"holds {len(unknown)} types that are not known to be safe: {listed}"
        raise ContractError(str(path), what, TRUST)
    with readable(path, "a skops file"):
        return skops.io.load(path, trusted=unknown)


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
        """Return the names of a pipeline's steps that transform."""
        return [name for name, step in self._steps if hasattr(step, "transform")]

    def answer(self, batch: Batch, layer: str) -> tuple[Array, Array | None]:
        """Return probabilities, or indices into the classes, and what the step called `layer` gives."""
        given = self._given(batch)
        embeddings = self._transformed(given, layer) if layer else None
        if self.traits.ending == "softmax":
            return np.asarray(self.fitted.predict_proba(given)), embeddings
        places = {value: place for place, value in enumerate(self.fitted.classes_.tolist())}
        return np.array([places[value] for value in self.fitted.predict(given).tolist()]), embeddings

    def _given(self, batch: Batch) -> Any:
        if not isinstance(batch, Mapping) or not self.traits.names:
            return matrix(batch, "float64", self.where)
        with installed(self.where, "sklearn"):
            import pandas as pd
        # Fitted on named columns, it asks for them by name, whatever the dataset calls them.
        return pd.DataFrame(dict(zip(self.traits.names, batch.values(), strict=True)))

    def _transformed(self, given: Any, layer: str) -> Array:
        place = [name for name, _ in self._steps].index(layer)
        made = self.fitted[: place + 1].transform(given)
        if made.shape[1] > WIDEST:
            what = f'step "{layer}" gives {made.shape[1]:,} columns, an embedding has at most {WIDEST:,}'
            raise ContractError(self.where, what, "name a step that reduces them")
        return np.asarray(made.toarray() if hasattr(made, "toarray") else made, np.float32)

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large; Python's own error says so already."""
        return isinstance(error, MemoryError)
