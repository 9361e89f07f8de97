"""Keras 3 models (`.keras`), read in safe mode and run by whatever backend Keras has."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, wraps
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.errors import ContractError, installed
from pipelines.models.files import TRUST, brief_reason, readable
from pipelines.models.model import Model
from pipelines.models.network import Answered, Array, Batch, Taken, Traits, arrays, first_array, matrix
from pipelines.models.notes import without_notes

with installed("a Keras model", "keras"), without_notes():
    import keras

FIRST = 4  # layers among which one that rescales pixels stands, with those around it
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
        raise refusal(path, error) or error from error


def refusal(path: Path, error: ContractError) -> ContractError | None:
    """Return what is wrong with a model that Keras would not read, where its reason is known."""
    reason = str(error.__cause__)
    if "safe_mode" in reason or "unsafe deserialization" in reason.lower():
        what = "holds Python code, in a Lambda layer or the like"
        return ContractError(str(path), what, f"replace it with layers of Keras; {TRUST}")
    if "Could not locate class" in reason or "registered" in reason:
        what = f"holds a layer that is not Keras's own: {brief_reason(error.__cause__ or error)}"
        return ContractError(str(path), what, "save a model of Keras's own layers")
    return None


def backend_library() -> tuple[str, ...]:
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


def _numbers(value: Any) -> Array:
    return np.asarray(keras.ops.convert_to_numpy(value))


def _taken(item: Any) -> Taken:
    dtype = {"string": "text", "bfloat16": "float32"}.get(str(item.dtype), str(item.dtype))
    return Taken(item.name, tuple(item.shape), dtype)


def _walked(layer: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the paths of the layers inside a layer, and the layers."""
    # Only a model lists what is in it by a public name; wrappers, such as Bidirectional, do not.
    inner = layer.layers if isinstance(layer, keras.Model) else layer._flatten_layers(False, False)
    for item in inner:
        if not isinstance(item, keras.layers.InputLayer):
            yield f"{path}{item.name}", item
            yield from _walked(item, f"{path}{item.name}/")


_LAST = (keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Embedding, keras.layers.RNN)


def _axis(layer: Any) -> str:
    """Return the axis of units that a layer says by its settings or its type."""
    data_format = getattr(layer, "data_format", None)
    if data_format in ("channels_first", "channels_last"):
        return str(data_format).removeprefix("channels_")
    axis = getattr(layer, "axis", None)
    if isinstance(layer, keras.layers.BatchNormalization | keras.layers.GroupNormalization):
        return "first" if axis == 1 else "last"
    return "last" if isinstance(layer, _LAST) else ""


@dataclass(frozen=True)
class KerasNetwork:
    """A functional or sequential model."""

    where: str
    model: Any
    device: str

    @cached_property
    def traits(self) -> Traits:
        """What the model says of itself."""
        taken = tuple(_taken(item) for item in self.model.inputs)
        inputs = taken if len(taken) > 1 else ()
        first = list(self.paths.values())[:FIRST]
        rescales = any(type(layer).__name__ == "Rescaling" for layer in first)
        return Traits(
            ("keras", *backend_library()),
            int(self.model.count_params()),
            None if inputs else taken[0].shape,
            taken[0].dtype,
            tuple(item.name for item in inputs),
            inputs=inputs,
            ending=self._ending(),
            channels_last=True,
            pixel_range=(0, 255) if rescales else None,
        )

    def _ending(self) -> str:
        last = self.model.layers[-1]
        while isinstance(last, keras.Model) and last.layers:
            last = last.layers[-1]
        activation = getattr(getattr(last, "activation", None), "__name__", "")
        name = activation or type(last).__name__.lower()
        return {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "logits"}.get(name, "")

    def layers(self) -> Sequence[str]:
        """Return the paths of its layers, those inside of others after a slash: `encoder/dense_1`."""
        return list(self.paths)

    @cached_property
    def paths(self) -> dict[str, Any]:
        """The layers by their paths, in the order of computation, each before those inside it."""
        return dict(_walked(self.model, ""))

    def leaves(self) -> Sequence[str]:
        """Return the paths of the layers that hold no others."""
        return [path for path in self.paths if not any(other.startswith(f"{path}/") for other in self.paths)]

    def axis(self, layer: str) -> str:
        """Return the axis of units that a layer says, of one with parts the last that says it."""
        inside = [own for path, own in self.paths.items() if f"{path}/".startswith(f"{layer}/")]
        return next((axis for own in reversed(inside) if (axis := _axis(own))), "")

    def answer(self, batch: Batch, layers: Sequence[str]) -> Answered:
        """Return outputs, and what layers make on the way to them."""
        kept: dict[str, Any] = {}
        with _quiet(), keras.device(_place(self.device)), ExitStack() as stack:
            for layer in layers:
                stack.enter_context(self._keeping(kept, layer))
            made = first_array(self.model(self._given(batch), training=False))
            inner = [_numbers(kept[layer]) if kept.get(layer) is not None else None for layer in layers]
            return _numbers(made), inner

    @contextmanager
    def _keeping(self, kept: dict[str, Any], layer: str) -> Iterator[None]:
        """Keep what a layer makes while the model answers; Keras offers that for outermost layers alone.

        A layer that is used several times, as in a loop over steps, keeps its last output.
        """
        chosen = self.paths[layer]
        inner = chosen.call

        @wraps(inner)
        def call(*given: Any, **named: Any) -> Any:
            made = inner(*given, **named)
            kept[layer] = first_array(made)
            return made

        chosen.call = call
        try:
            yield
        finally:
            del chosen.call

    def _given(self, batch: Batch) -> Any:
        if self.traits.inputs:
            found = arrays(batch, self.traits.inputs, self.where)
            # Keras insists on the list or the dictionary that the model was made with, and has no public name
            # for it; `inputs` is the same, flat.
            return keras.tree.pack_sequence_as(self.model._inputs_struct, found)
        given = matrix(batch, self.traits.dtype, self.where)
        if self.traits.dtype != "text":
            return given
        shape = self.traits.shape or ()
        texts = ["" if value is None else value for value in given.ravel()]
        return keras.ops.convert_to_tensor(texts if len(shape) == 1 else [[text] for text in texts], "string")

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a batch was too large for the device."""
        return any(word in type(error).__name__ for word in _MEMORY)
