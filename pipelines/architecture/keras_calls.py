"""Calls models of Keras without numbers, so that they show which layers they apply to what."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.architecture.graph import Notice
from pipelines.architecture.own_models import Given, Sample
from pipelines.errors import installed
from pipelines.models.files import brief_reason

with installed("a Keras model", "keras"):
    import keras
    from keras.src.ops.function import map_graph

DEEPEST = 100_000  # calls within calls
_GUESSES = ((224, 224, 3), (28, 28, 1), (32, 32, 3), (16, 8), (8,))
_SAY = "say what it takes: shapes = …, such as 224x224x3"

Named = list[tuple[Any, str]]
"""Tensors with the names that they have in the network."""
Shapes = list[tuple[tuple[int | None, ...], str]]
"""Of each input the sizes of one sample, and the type of its numbers."""


@dataclass(frozen=True)
class Called:
    """A model with its inputs, outputs and the calls of layers between them, in order.

    Of a model that could not be called to its end these are the calls before; `notices` say where and why.
    """

    model: Any
    inputs: Named
    outputs: Named
    nodes: Sequence[Any]
    notices: list[Notice] = field(default_factory=list)


@contextmanager
def unfilled() -> Iterator[None]:
    """Build layers without numbers, so that the largest network takes no memory."""
    # Names are counted from 1, so that ids are the same each time.
    keras.utils.clear_session(free_memory=False)
    before = sys.getrecursionlimit()
    # Keras follows a network from its end by calls within calls, one for each layer.
    sys.setrecursionlimit(max(before, DEEPEST))
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        sys.setrecursionlimit(before)
        # Else Keras would fill what was left empty with numbers the next time that it can.
        keras.utils.clear_session(free_memory=False)


def called(build: Callable[[], Any], given: Given) -> Called:
    """Return the calls of the model that `build` returns.

    A model that says nothing of its inputs is called with those that are told or guessed.
    """
    model = build()
    return _of_functional(_fixed(model, given)) if _knows_inputs(model) else _tried(build, model, given)


def _knows_inputs(model: Any) -> bool:
    return bool(getattr(model, "inputs", None))


def _of_functional(model: Any) -> Called:
    inputs = list(zip(model.inputs, _names(model.inputs, "input"), strict=True))
    outputs = list(zip(model.outputs, _names(model.outputs, "output", model), strict=True))
    return Called(model, inputs, outputs, nodes_between(model.inputs, model.outputs))


def nodes_between(inputs: Sequence[Any], outputs: Sequence[Any]) -> list[Any]:
    """Return the calls of layers between tensors, each after those that it needs."""
    _, by_depth, _, _ = map_graph(list(inputs), list(outputs))
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]


def _fixed(model: Any, given: Given) -> Any:
    """Return the model for inputs of the sizes that are told, where it takes any."""
    told = given.told or _as_image(model, given)
    is_open = any(None in tensor.shape[1:] for tensor in model.inputs)
    if not is_open or len(told) != len(model.inputs):
        return model
    tensors = [
        keras.Input(item.shape, dtype=tensor.dtype, name=tensor.name)
        for item, tensor in zip(told, model.inputs, strict=True)
    ]
    return keras.models.clone_model(model, input_tensors=tensors)


def _as_image(model: Any, given: Given) -> tuple[Sample, ...]:
    shape = model.inputs[0].shape
    fits = len(shape) == 4 and given.image is not None and shape[3] in (None, given.image[2])
    return (Sample(given.image),) if given.image and fits else ()


# Models that do not know their inputs ---------------------------------------------------------------


def _tried(build: Callable[[], Any], model: Any, given: Given) -> Called:
    """Call a model with inputs that it may take; of those that it does not, keep what went furthest."""
    attempts: list[_Attempt] = []
    for shapes in _shapes(model, given):
        if attempts:  # layers keep the sizes that they are first called with
            keras.utils.clear_session(free_memory=False)
            model = build()
        attempts.append(_attempted(model, shapes))
        if attempts[-1].error is None:
            return attempts[-1].called(is_told=bool(given.told))
    return max(attempts, key=lambda each: len(each.nodes)).called(is_told=bool(given.told))


@dataclass(frozen=True)
class _Attempt:
    """A call of a model with some inputs: what it gave, or the error that ended it."""

    model: Any
    tensors: list[Any]
    made: list[Any]
    nodes: list[Any]
    error: Exception | None = None

    def called(self, is_told: bool) -> Called:
        """Return what came of it, with a notice of where and why it ended."""
        inputs = list(zip(self.tensors, _names(self.tensors, "input"), strict=True))
        if self.error is None and isinstance(self.model, keras.Sequential):
            return _of_functional(self.model)
        if self.error is None:
            several = len(self.made) > 1
            names = [f"output_{at}" if several else "output" for at in range(len(self.made))]
            return Called(self.model, inputs, list(zip(self.made, names, strict=True)), self.nodes)
        place, line = _where(self.error, self.model)
        reason = f"its code cannot be followed further{line}: {brief_reason(self.error)}"
        notices = [Notice(place, reason, is_missing=True)]
        if not is_told:
            notices.append(Notice("", f"the sizes of its inputs may be wrong; {_SAY}"))
        # Inputs that were guessed and that nothing took are nobody's.
        return Called(self.model, inputs if is_told or self.nodes else [], [], self.nodes, notices)


def _attempted(model: Any, shapes: Shapes) -> _Attempt:
    tensors = [keras.Input(shape, dtype=dtype) for shape, dtype in shapes]
    whole = tensors[0] if len(tensors) == 1 else tensors
    is_sequence = isinstance(model, keras.Sequential)
    try:
        with _whole_tracebacks():
            found = keras.tree.flatten(model(whole) if is_sequence else model.call(whole))
        taken, made = (model.inputs, model.outputs) if is_sequence else (tensors, found)
        return _Attempt(model, tensors, made, nodes_between(taken, made))
    except Exception as error:  # whatever its code raises: these inputs are not its own, or it does more
        first = model._layers[0] if is_sequence else None
        taken = [first.output] if isinstance(first, keras.layers.InputLayer) else tensors
        return _Attempt(model, taken, [], _nodes_behind(taken), error)


@contextmanager
def _whole_tracebacks() -> Iterator[None]:
    """Have errors say in which layer they were raised: Keras leaves its own code out of them."""
    is_cut = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if is_cut:
            keras.config.enable_traceback_filtering()


def _nodes_behind(tensors: Sequence[Any]) -> list[Any]:
    """Return the calls that follow from tensors, each after those that it needs."""
    known = {id(tensor) for tensor in tensors}
    waiting = [node for tensor in tensors for node in tensor._keras_history.operation._outbound_nodes]
    found: dict[int, Any] = {}
    while waiting:
        node = waiting.pop(0)
        if id(node) in found or not all(id(each) in known for each in node.arguments.keras_tensors):
            continue  # of one that needs more, its other sources come upon it again
        found[id(node)] = node
        known |= {id(tensor) for tensor in node.output_tensors}
        waiting += node.operation._outbound_nodes
    return list(found.values())


def _where(error: Exception, model: Any) -> tuple[str, str]:
    """Return the path of the layer in whose code an error was raised, and the file and line of that code."""
    paths = {id(layer): path for path, layer in walked(model)}
    place, line = "", ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        own = frame.f_locals.get(next(iter(frame.f_code.co_varnames), ""))
        if not isinstance(own, keras.Layer):
            continue
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] != "keras":
            line = f", in {Path(frame.f_code.co_filename).name}:{number}"
        place = paths.get(id(own), place)
    return place, line


def walked(layer: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the layers inside a layer with their paths, in the order in which it came to hold them."""
    # Only a model lists what is in it by a public name; layers of own code do not.
    inner = layer.layers if isinstance(layer, keras.Model) else layer._flatten_layers(False, False)
    for each in inner:
        if isinstance(each, keras.layers.InputLayer):
            continue
        own = f"{path}.{part(each.name)}" if path else part(each.name)
        yield own, each
        if is_holder(each):
            yield from walked(each, own)


def is_holder(operation: Any) -> bool:
    """Whether a layer holds others that are shown: a model, or a layer of own code."""
    if isinstance(operation, keras.Model):
        return True
    is_own = type(operation).__module__.partition(".")[0] != "keras"
    return (
        is_own and isinstance(operation, keras.Layer) and bool(list(operation._flatten_layers(False, False)))
    )


def part(name: str) -> str:
    """Return a name as a part of a dotted path."""
    return str(name).replace(".", "_").replace("/", "_")


def _shapes(model: Any, given: Given) -> list[Shapes]:
    if given.told:
        return [[(item.shape, item.dtype or "float32") for item in given.told]]
    try:
        known = (model.get_build_config() or {}).get("input_shape")
    except Exception:  # of own code, which may fail as it likes
        known = None
    first = [tuple(known[1:])] if known and isinstance(known[0], int | None) else []
    shown = [given.image] if given.image else []
    return [[(shape, "float32")] for shape in (*first, *shown, *_GUESSES)]


def _names(tensors: Sequence[Any], word: str, model: Any = None) -> list[str]:
    told = getattr(model, "output_names", None) if word == "output" else [each.name for each in tensors]
    is_made_up = any(str(name).startswith("keras_tensor") for name in told or ())
    if told and len(told) == len(tensors) and not is_made_up:
        return [str(name) for name in told]
    return [f"{word}_{at}" if len(tensors) > 1 else word for at in range(len(tensors))]
