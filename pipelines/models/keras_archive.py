"""Keras 3 models (`.keras`), read in safe mode and run by whatever backend Keras has."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import ContractError, installed
from pipelines.models.files import TRUST, brief_reason, readable
from pipelines.models.model import Model
from pipelines.models.network import Array, Batch, Traits, first_array, matrix

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow writes notes of its own to the terminal
with installed("a Keras model", "keras"):
    import keras

_MEMORY = ("ResourceExhausted", "OutOfMemory")


def devices() -> tuple[str, ...]:
    """Return the devices that Keras's backend computes on, the best first."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        has_gpu = bool(tensorflow.config.list_physical_devices("GPU"))
    else:
        has_gpu = bool(keras.distribution.list_devices("gpu"))
    return ("cuda", "cpu") if has_gpu else ("cpu",)


def open_model(model: Model, path: Path, device: str) -> KerasNetwork:
    """Read a model; raise `ContractError` for code in it, custom layers, and what has no fixed inputs."""
    with _quiet(), keras.device(_place(device)):
        loaded = _loaded(model, path)
    if not isinstance(loaded, keras.Model) or not getattr(loaded, "inputs", None):
        what = f"holds {type(loaded).__name__}, whose inputs are not known before it runs"
        raise ContractError(str(path), what, "save a Sequential with keras.Input, or a functional model")
    return KerasNetwork(str(path), loaded, device)


def _loaded(model: Model, path: Path) -> Any:
    try:
        with readable(path, "a Keras model"):
            return keras.saving.load_model(path, compile=False, safe_mode=not model.is_trusted)
    except ContractError as error:
        reason = str(error.__cause__)
        if "safe_mode" in reason or "unsafe deserialization" in reason.lower():
            what = "holds Python code, in a Lambda layer or the like"
            raise ContractError(str(path), what, f"replace it with layers of Keras; {TRUST}") from error
        if "Could not locate class" in reason or "registered" in reason:
            what = f"holds a layer that is not Keras's own: {brief_reason(error.__cause__ or error)}"
            raise ContractError(str(path), what, "save a model of Keras's own layers") from error
        raise


def _backend() -> tuple[str, ...]:
    """Return the distribution of Keras's backend; TensorFlow has several names."""
    found = metadata.packages_distributions().get(keras.backend.backend(), [])
    return tuple(sorted(set(found))[:1])


def _place(device: str) -> str:
    return "gpu:0" if device == "cuda" else "cpu:0"


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what Keras's backends deprecate in NumPy: nobody who runs a report can mend it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        yield


@dataclass(frozen=True)
class KerasNetwork:
    """A functional or sequential model."""

    where: str
    model: Any
    device: str
    parts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def traits(self) -> Traits:
        """What the model says of itself."""
        inputs = self.model.inputs
        first = inputs[0]
        names = tuple(item.name for item in inputs) if len(inputs) > 1 else ()
        dtype = "text" if first.dtype == "string" else str(first.dtype)
        rescales = any(type(layer).__name__ == "Rescaling" for layer in self.model.layers[:3])
        return Traits(
            ("keras", *_backend()),
            int(self.model.count_params()),
            None if names else tuple(first.shape),
            dtype,
            names,
            ending=self._ending(),
            channels_last=True,
            pixel_range=(0, 255) if rescales else None,
        )

    def _ending(self) -> str:
        last = self.model.layers[-1]
        activation = getattr(getattr(last, "activation", None), "__name__", "")
        name = activation or type(last).__name__.lower()
        return {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "logits"}.get(name, "")

    def layers(self) -> Sequence[str]:
        """Return the names of its layers."""
        return [layer.name for layer in self.model.layers if not isinstance(layer, keras.layers.InputLayer)]

    def answer(self, batch: Batch, layer: str) -> tuple[Array, Array | None]:
        """Return outputs and the output of a layer, by a model that ends at both."""
        with _quiet(), keras.device(_place(self.device)):
            made = self._part(layer)(self._given(batch), training=False)
            found = [np.asarray(keras.ops.convert_to_numpy(item)) for item in (made if layer else [made])]
        return found[0], found[1] if layer else None

    def _part(self, layer: str) -> Any:
        if layer not in self.parts:
            output = self.model.outputs[0]
            inner = [first_array(self.model.get_layer(layer).output)] if layer else []
            inputs = self.model.inputs if len(self.model.inputs) > 1 else self.model.inputs[0]
            self.parts[layer] = keras.Model(inputs, [output, *inner] if layer else output)
        return self.parts[layer]

    def _given(self, batch: Batch) -> Any:
        inputs = self.model.inputs
        if len(inputs) == 1:
            return matrix(batch, self.traits.dtype, self.where)
        if not isinstance(batch, Mapping):
            what = f"takes {len(inputs)} arrays ({', '.join(self.traits.names[:5])})"
            raise ContractError(self.where, what, "name a column for each of them in features")
        columns = zip(inputs, batch.values(), strict=True)
        return [values.reshape(-1, *[1] * (len(item.shape) - 1)) for item, values in columns]

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large for the device."""
        return any(word in type(error).__name__ for word in _MEMORY)
